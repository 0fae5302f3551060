import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_KDF, deriveMasterKey, type KdfParameters } from './key-derivation.js';
import { Secret } from './secret.js';
import { randomBytes } from './web-crypto.js';

const LIGHT: KdfParameters = { algorithm: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 };
const derive = async (passphrase: string, salt: Uint8Array, kdf = LIGHT) =>
  Buffer.from((await deriveMasterKey({ passphrase: Secret.fromString(passphrase), salt, kdf })).expose());

describe('Argon2id', () => {
  it('is RFC 9106: node:crypto reproduces its vector, and we agree with node:crypto', async () => {
    const vector = argon2Sync('argon2id', {
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      parallelism: 4,
      passes: 3,
      memory: 32,
      tagLength: 32,
    });
    // RFC 9106 section 5.3
    expect(vector.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
    for (const kdf of [LIGHT, DEFAULT_KDF, { ...LIGHT, parallelism: 4 }]) {
      const [passphrase, nonce] = [crypto.randomUUID(), randomBytes(16)];
      const { parallelism, iterations: passes, memoryKiB: memory } = kdf;
      const theirs = argon2Sync('argon2id', { message: passphrase, nonce, parallelism, passes, memory, tagLength: 32 });
      expect(await derive(passphrase, nonce, kdf)).toEqual(theirs);
    }
  });

  it('takes one passphrase typed in two Unicode forms for one', async () => {
    const salt = randomBytes(16);
    expect(await derive('Zoe\u0308 \u212bngstr\u00f6m', salt)).toEqual(
      await derive('Zo\u00eb \u00c5ngstro\u0308m', salt),
    );
  });

  it('refuses what is below the floor and what would exhaust the device, before it derives', async () => {
    // A zeroed passphrase throws INTERNAL when it is touched.
    const passphrase = Secret.fromString('never touched');
    passphrase.zero();
    const salt = randomBytes(16);
    const cases: readonly (readonly [Partial<KdfParameters>, Uint8Array, string])[] = [
      [{ memoryKiB: 19_455 }, salt, 'KDF_TOO_WEAK'],
      [{ memoryKiB: 8 }, salt, 'KDF_TOO_WEAK'],
      [{ iterations: 1 }, salt, 'KDF_TOO_WEAK'],
      [{ iterations: -1 }, salt, 'KDF_TOO_WEAK'],
      [{ parallelism: 0 }, salt, 'KDF_TOO_WEAK'],
      [{}, randomBytes(15), 'KDF_TOO_WEAK'],
      [{}, new Uint8Array(), 'KDF_TOO_WEAK'],
      [{ memoryKiB: 4_194_304 }, salt, 'VAULT_TAMPERED'],
      [{ iterations: 1_000_000 }, salt, 'VAULT_TAMPERED'],
      [{ parallelism: 5 }, salt, 'VAULT_TAMPERED'],
      [{}, randomBytes(65), 'VAULT_TAMPERED'],
    ];
    for (const [change, saltUsed, code] of cases) {
      const attempt = deriveMasterKey({ passphrase, salt: saltUsed, kdf: { ...LIGHT, ...change } });
      await expect(attempt).rejects.toMatchObject({ code });
    }
  });
});
