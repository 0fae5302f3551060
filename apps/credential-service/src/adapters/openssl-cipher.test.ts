import { randomBytes, webcrypto } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { opensslCipher } from './openssl-cipher.js';

const { subtle } = webcrypto;

async function seal(plaintext: Uint8Array) {
  const [bytes, iv, additionalData] = [randomBytes(32), randomBytes(12), randomBytes(100)];
  const key = await subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt']);
  const ciphertext = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plaintext));
  return { bytes, iv, additionalData, ciphertext };
}

describe('the cipher of OpenSSL', () => {
  it('opens what WebCrypto sealed, into an array of its own', async () => {
    for (const length of [0, 1, 8, 64, 8_192]) {
      const plaintext = randomBytes(length);
      const { bytes, ...sealed } = await seal(plaintext);
      const key = opensslCipher.importKey(bytes);
      bytes.fill(0);
      const [first, second] = [key.open(sealed), key.open(sealed)];
      expect(first).toEqual(plaintext);
      first?.fill(0);
      expect(second).toEqual(plaintext);
    }
  });

  it('opens nothing of which a bit was changed', async () => {
    const { bytes, ...sealed } = await seal(randomBytes(40));
    const key = opensslCipher.importKey(bytes);
    for (const part of ['iv', 'additionalData', 'ciphertext'] as const) {
      for (const at of [0, sealed[part].length - 1]) {
        const changed = new Uint8Array(sealed[part]);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(key.open({ ...sealed, [part]: changed })).toBeNull();
      }
    }
    expect(opensslCipher.importKey(randomBytes(32)).open(sealed)).toBeNull();
  });

  it('takes no shorter tag', async () => {
    const { bytes, ...sealed } = await seal(randomBytes(40));
    const key = opensslCipher.importKey(bytes);
    for (const cut of [1, 4, 12])
      expect(key.open({ ...sealed, ciphertext: sealed.ciphertext.subarray(0, -cut) })).toBeNull();
  });
});
