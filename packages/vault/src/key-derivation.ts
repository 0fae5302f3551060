import { AileronError } from '@aileron/errors';
import { argon2id } from 'hash-wasm';
import { z } from 'zod';
import { utf8 } from './bytes.js';
import { Secret } from './secret.js';

/** Argon2id version 1.3 (RFC 9106). Numbers are checked by `assertKdfAcceptable`, with an error of their own. */
export const KdfParameters = z.strictObject({
  algorithm: z.literal('argon2id'),
  memoryKiB: z.int(),
  iterations: z.int(),
  parallelism: z.int(),
});
export type KdfParameters = z.infer<typeof KdfParameters>;

/** RFC 9106 section 4, second choice, with one lane: a browser has no threads to spare. About 0.2 s. */
export const DEFAULT_KDF: KdfParameters = {
  algorithm: 'argon2id',
  memoryKiB: 65_536,
  iterations: 3,
  parallelism: 1,
};

/** OWASP's least (19 MiB, 2 passes). Below it a stolen file is worth a dictionary run. */
const FLOOR = { memoryKiB: 19_456, iterations: 2, parallelism: 1 } as const;
/** Above it a hostile file would take the device's memory or minutes of its time. */
const CEILING = { memoryKiB: 262_144, iterations: 16, parallelism: 4 } as const;
const MIN_SALT_BYTES = 16;

/**
 * Before any passphrase is touched: KDF_TOO_WEAK below the floor, whatever the file says about itself, and
 * VAULT_TAMPERED above the ceiling.
 */
export function assertKdfAcceptable(kdf: KdfParameters, salt: Uint8Array): void {
  const weak =
    kdf.memoryKiB < FLOOR.memoryKiB || kdf.iterations < FLOOR.iterations || kdf.parallelism < FLOOR.parallelism;
  if (weak || salt.length < MIN_SALT_BYTES) throw new AileronError('KDF_TOO_WEAK');
  const excessive =
    kdf.memoryKiB > CEILING.memoryKiB || kdf.iterations > CEILING.iterations || kdf.parallelism > CEILING.parallelism;
  if (excessive || salt.length > 64) throw new AileronError('VAULT_TAMPERED', { reason: 'kdf-out-of-range' });
}

/** The 32-byte master key of a passphrase. The caller zeroes it. */
export async function deriveMasterKey(input: {
  passphrase: Secret;
  salt: Uint8Array;
  kdf: KdfParameters;
}): Promise<Secret> {
  assertKdfAcceptable(input.kdf, input.salt);
  const password = normalised(input.passphrase);
  try {
    const { memoryKiB: memorySize, iterations, parallelism } = input.kdf;
    const options = { password, salt: input.salt, memorySize, iterations, parallelism, hashLength: 32 } as const;
    return Secret.fromBytes(await argon2id({ ...options, outputType: 'binary' }));
  } finally {
    password.fill(0);
  }
}

/** NFKC, so that one passphrase typed on two keyboards is one passphrase (RFC 8265 section 4 goes the same way). */
function normalised(passphrase: Secret): Uint8Array {
  try {
    return utf8(passphrase.exposeString().normalize('NFKC'));
  } catch (error) {
    if (AileronError.is(error)) throw error;
    return new Uint8Array(passphrase.expose());
  }
}
