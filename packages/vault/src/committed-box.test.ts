import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { openBox, sealBox } from './committed-box.js';
import { Secret } from './secret.js';
import { randomBytes } from './web-crypto.js';

const newKey = () => Secret.fromBytes(randomBytes(32));
const context = { vaultId: 'vlt_1', version: 3 };

describe('a committed box', () => {
  it('is HKDF-SHA256 and AES-256-GCM as node:crypto has them', async () => {
    const [key, plaintext] = [newKey(), randomBytes(50)];
    const box = await sealBox({ key, purpose: 'credential', context, plaintext });
    const aad = canonicalJson(context);
    const info = Buffer.concat([Buffer.from('aileron/box/1 credential '), createHash('sha256').update(aad).digest()]);
    const bits = Buffer.from(hkdfSync('sha256', key.expose(), box.subarray(1, 33), info, 64));
    expect(bits.subarray(32)).toEqual(Buffer.from(box.subarray(33, 65)));
    const decipher = createDecipheriv('aes-256-gcm', bits.subarray(0, 32), box.subarray(65, 77));
    decipher.setAAD(Buffer.concat([box.subarray(0, 65), aad])).setAuthTag(box.subarray(-16));
    expect(new Uint8Array(Buffer.concat([decipher.update(box.subarray(77, -16)), decipher.final()]))).toEqual(
      plaintext,
    );
  });

  it('gives back any plaintext, for the same key, purpose and context only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (plaintext) => {
        const key = newKey();
        const box = await sealBox({ key, purpose: 'credential', context, plaintext });
        expect(await openBox({ key, purpose: 'credential', context, box })).toEqual({ plaintext });
        const wrong = [
          { key: newKey(), purpose: 'credential', context },
          { key, purpose: 'session-state', context },
          { key, purpose: 'credential', context: { ...context, version: 2 } },
        ] as const;
        for (const one of wrong) expect(await openBox({ ...one, box })).toEqual({ failure: 'key' });
      }),
      { numRuns: 25 },
    );
  });

  it('refuses every changed byte and every cut', async () => {
    const key = newKey();
    const box = await sealBox({ key, purpose: 'credential', context, plaintext: randomBytes(20) });
    for (let i = 0; i < box.length; i++) {
      const changed = box.slice();
      changed[i] = (changed[i] ?? 0) ^ 0x40;
      expect(await openBox({ key, purpose: 'credential', context, box: changed })).toHaveProperty('failure');
      expect(await openBox({ key, purpose: 'credential', context, box: box.slice(0, i) })).toHaveProperty('failure');
    }
  });

  it('opens under one key only, even for whoever forges the tag with both keys in hand', async () => {
    // An attacker who knows two keys can make one GCM ciphertext valid under both; the commitment names one of them.
    const [mine, theirs] = [newKey(), newKey()];
    const box = await sealBox({ key: mine, purpose: 'credential', context, plaintext: randomBytes(20) });
    const other = await sealBox({ key: theirs, purpose: 'credential', context, plaintext: randomBytes(20) });
    const spliced = box.slice();
    spliced.set(other.subarray(33, 65), 33);
    expect(await openBox({ key: mine, purpose: 'credential', context, box: spliced })).toEqual({ failure: 'key' });
    expect(await openBox({ key: theirs, purpose: 'credential', context, box: spliced })).toEqual({ failure: 'key' });
  });

  it('repeats no salt and no nonce in 10,000 encryptions', async () => {
    const key = newKey();
    const seen = new Set<string>();
    const plaintext = new Uint8Array(8);
    for (let batch = 0; batch < 100; batch++) {
      const sealing = Array.from({ length: 100 }, () => sealBox({ key, purpose: 'credential', context, plaintext }));
      for (const box of await Promise.all(sealing)) {
        seen.add(Buffer.from(box.subarray(1, 33)).toString('hex'));
        seen.add(Buffer.from(box.subarray(65, 77)).toString('hex'));
      }
    }
    expect(seen.size).toBe(20_000);
  });
});
