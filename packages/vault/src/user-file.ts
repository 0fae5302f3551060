import { z } from 'zod';
import { fromBase64 } from './base64.js';
import { concatBytes, utf8 } from './bytes.js';
import { DsseEnvelope } from './dsse.js';
import { assertKdfAcceptable, KdfParameters } from './key-derivation.js';
import { sha256Base64Url } from './sha256.js';
import { parseJson, verifyJson } from './signed-json.js';
import { importVerifyingKey, StoredVerifyingKey, type VerifyingKey } from './signing-key.js';
import { tampered } from './tampered.js';

export const USER_FILE_TYPE = 'application/vnd.aileron.user+json';
const MAX_FILE_BYTES = 49_152;

export const UserId = z.string().regex(/^usr_[0-9A-Za-z_-]{1,60}$/);
const WrappedKey = z.base64().max(1_024);
const WrappedKeys = z.strictObject({ signingBase64: WrappedKey, encryptionBase64: WrappedKey });

/** users/{user_id}.json: the public keys of a person and their private keys, wrapped twice. Signed by the person. */
export const UserFile = z.strictObject({
  format: z.literal('aileron-user/1'),
  userId: UserId,
  name: z.string().min(1).max(128),
  signing: StoredVerifyingKey,
  encryption: z.strictObject({ publicKeyBase64: z.base64().max(64) }),
  kdf: KdfParameters,
  saltBase64: z.base64().max(128),
  byPassphrase: WrappedKeys,
  byRecoveryKit: WrappedKeys,
});
export type UserFile = z.infer<typeof UserFile>;

/**
 * A user file that holds together: KDF parameters within bounds (KDF_TOO_WEAK before anything else, so that nobody is
 * asked for a passphrase on behalf of a weakened file), signed by its own signing key. VAULT_TAMPERED otherwise.
 * Whose key that is, a fingerprint must tell.
 */
export async function readUserFile(file: Uint8Array): Promise<UserFile> {
  const envelope = DsseEnvelope.safeParse(parseJson(file, MAX_FILE_BYTES));
  const payload = envelope.success ? fromBase64(envelope.data.payload) : null;
  const claimed = payload === null ? null : UserFile.safeParse(parseJson(payload, MAX_FILE_BYTES));
  if (!claimed?.success) throw tampered('malformed', { path: 'users' });
  assertKdfAcceptable(claimed.data.kdf, saltOf(claimed.data));
  const keys = [await selfKey(claimed.data)];
  const { value } = await verifyJson({
    file,
    payloadType: USER_FILE_TYPE,
    keys,
    schema: UserFile,
    maxBytes: MAX_FILE_BYTES,
  });
  return value;
}

async function selfKey(file: UserFile): Promise<VerifyingKey> {
  return await importVerifyingKey(file.signing).catch(() => {
    throw tampered('signing-key', { path: 'users' });
  });
}

export function saltOf(file: UserFile): Uint8Array {
  return fromBase64(file.saltBase64) ?? new Uint8Array();
}

/** A person as another member sees them. */
export interface MemberIdentity {
  readonly userId: string;
  readonly name: string;
  readonly signing: StoredVerifyingKey;
  readonly encryptionPublicKeyBase64: string;
  /** Two people read it to each other: ten groups of four characters over user id and both public keys. */
  readonly fingerprint: string;
}

/** The identity in a user file, to be shown with its fingerprint. Authentic only once a person compared that. */
export async function readMemberIdentity(file: Uint8Array): Promise<MemberIdentity> {
  const { userId, name, signing, encryption } = await readUserFile(file);
  const keys = [fromBase64(signing.publicKeyBase64), fromBase64(encryption.publicKeyBase64)];
  const [signingRaw, encryptionRaw] = keys;
  if (!signingRaw || encryptionRaw?.length !== 32) throw tampered('encryption-key', { path: 'users' });
  const digest = await sha256Base64Url(concatBytes(signingRaw, encryptionRaw, utf8(userId)));
  const fingerprint = digest.slice(0, 40).match(/.{4}/g)?.join(' ') ?? '';
  return { userId, name, signing, encryptionPublicKeyBase64: encryption.publicKeyBase64, fingerprint };
}
