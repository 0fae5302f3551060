import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hpkeOpen, hpkeSeal, importEncryptionKeyPair, generateEncryptionKey } from './hpke.js';
import { utf8 } from './bytes.js';
import { randomBytes } from './web-crypto.js';

const from = (text: string) => Buffer.from(text, 'hex');
const pkcs8 = (raw: Buffer) => Buffer.concat([from('302e020100300506032b656e04220420'), raw]);
const spki = (raw: Uint8Array) => Buffer.concat([from('302a300506032b656e032100'), raw]);
const publicOf = (raw: Uint8Array) => createPublicKey({ key: spki(raw), format: 'der', type: 'spki' });
const privateOf = (der: Uint8Array) => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });

/** RFC 9180 by the letter over node:crypto, base mode, one message: an oracle that shares no code with the library. */
function oracle(input: {
  aead: { id: number; keyLength: 16 | 32 };
  shared: Buffer;
  enc: Uint8Array;
  recipientRaw: Uint8Array;
  info: Uint8Array;
}): { key: Buffer; nonce: Buffer; cipher: 'aes-128-gcm' | 'aes-256-gcm' } {
  const u16 = (n: number) => Buffer.from([n >> 8, n & 255]);
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
  const kem = Buffer.concat([Buffer.from('KEM'), u16(0x20)]);
  const hpke = Buffer.concat([Buffer.from('HPKE'), u16(0x20), u16(1), u16(input.aead.id)]);
  const extract = (suite: Buffer, salt: Uint8Array, label: string, ikm: Uint8Array) =>
    hmac(salt, Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]));
  const expand = (suite: Buffer, prk: Buffer, label: string, info: Uint8Array, length: number) => {
    const whole = Buffer.concat([
      u16(length),
      Buffer.from('HPKE-v1'),
      suite,
      Buffer.from(label),
      info,
      Buffer.from([1]),
    ]);
    return hmac(prk, whole).subarray(0, length);
  };
  const prk = extract(kem, Buffer.alloc(0), 'eae_prk', input.shared);
  const secretOfKem = expand(kem, prk, 'shared_secret', Buffer.concat([input.enc, input.recipientRaw]), 32);
  const context = Buffer.concat([
    Buffer.from([0]),
    extract(hpke, Buffer.alloc(0), 'psk_id_hash', Buffer.alloc(0)),
    extract(hpke, Buffer.alloc(0), 'info_hash', input.info),
  ]);
  const secret = extract(hpke, secretOfKem, 'secret', Buffer.alloc(0));
  return {
    key: expand(hpke, secret, 'key', context, input.aead.keyLength),
    nonce: expand(hpke, secret, 'base_nonce', context, 12),
    cipher: input.aead.keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm',
  };
}

const agree = (privateKey: KeyObject, publicRaw: Uint8Array) =>
  diffieHellman({ privateKey, publicKey: publicOf(publicRaw) });

describe('HPKE', () => {
  it('the oracle of these tests reproduces RFC 9180 appendix A.1.1', () => {
    const enc = from('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431');
    const recipientRaw = from('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d');
    const skR = privateOf(pkcs8(from('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8')));
    const info = from('4f6465206f6e2061204772656369616e2055726e');
    const made = oracle({ aead: { id: 1, keyLength: 16 }, shared: agree(skR, enc), enc, recipientRaw, info });
    expect(made.key.toString('hex')).toBe('4531685d41d65f03dc48f6b8302c05b0');
    expect(made.nonce.toString('hex')).toBe('56d890e5accaaf011cff4b7d');
    const cipher = createCipheriv('aes-128-gcm', made.key, made.nonce).setAAD(from('436f756e742d30'));
    const sealed = Buffer.concat([cipher.update('Beauty is truth, truth beauty'), cipher.final(), cipher.getAuthTag()]);
    expect(sealed.toString('hex')).toBe(
      'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
    );
  });

  it('what we seal, the oracle opens', async () => {
    const { pkcs8: der, publicKeyRaw } = await generateEncryptionKey();
    const [info, aad, plaintext] = [utf8('info'), utf8('aad'), randomBytes(32)];
    const { enc, ciphertext } = await hpkeSeal({ recipientPublicKeyRaw: publicKeyRaw, info, aad, plaintext });
    const shared = agree(privateOf(der), enc);
    const { key, nonce, cipher } = oracle({
      aead: { id: 2, keyLength: 32 },
      shared,
      enc,
      recipientRaw: publicKeyRaw,
      info,
    });
    const decipher = createDecipheriv(cipher, key, nonce).setAAD(aad).setAuthTag(ciphertext.subarray(-16));
    const opened = Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
    expect(new Uint8Array(opened)).toEqual(plaintext);
  });

  it('opens for this recipient, info and additional data only', async () => {
    const [generated, other] = await Promise.all([generateEncryptionKey(), generateEncryptionKey()]);
    const recipient = await importEncryptionKeyPair(generated);
    const [info, aad, plaintext] = [utf8('info'), utf8('aad'), randomBytes(40)];
    const sealed = await hpkeSeal({ recipientPublicKeyRaw: generated.publicKeyRaw, info, aad, plaintext });
    expect(await hpkeOpen({ recipient, info, aad, ...sealed })).toEqual(plaintext);
    const stranger = await importEncryptionKeyPair(other);
    expect(await hpkeOpen({ recipient: stranger, info, aad, ...sealed })).toBeNull();
    expect(await hpkeOpen({ recipient, info: utf8('x'), aad, ...sealed })).toBeNull();
    expect(await hpkeOpen({ recipient, info, aad: utf8('x'), ...sealed })).toBeNull();
    expect(await hpkeOpen({ recipient, info, aad, ...sealed, enc: new Uint8Array(32) })).toBeNull();
    expect(await hpkeOpen({ recipient, info, aad, ...sealed, ciphertext: sealed.ciphertext.subarray(1) })).toBeNull();
  });
});
