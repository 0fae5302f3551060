import { z } from 'zod';
import { CredentialBinding } from './credential-binding.js';
import { sha256Base64Url } from './sha256.js';
import { signJson, verifyJson } from './signed-json.js';
import { StoredVerifyingKey, type SigningKey, type VerifyingKey } from './signing-key.js';
import { tampered } from './tampered.js';
import { UserId } from './user-file.js';

export const VAULT_MANIFEST_TYPE = 'application/vnd.aileron.vault-manifest+json';
const MAX_MANIFEST_BYTES = 4_194_304;

export const VaultId = z.string().regex(/^vlt_[0-9A-Za-z_-]{1,60}$/, 'must be the id of a vault');
export const CredentialId = z.string().regex(/^crd_[0-9A-Za-z_-]{1,60}$/, 'must be the id of a credential');
const Sha256 = z.string().regex(/^[0-9A-Za-z_-]{43}$/);
const Counter = z.int().min(1).max(2_147_483_647);

/** owner: grants, revokes and all below. contributor: writes credentials. reader: uses them. */
export const MemberRole = z.enum(['owner', 'contributor', 'reader']);
export type MemberRole = z.infer<typeof MemberRole>;

export const VaultMember = z.strictObject({
  userId: UserId,
  role: MemberRole,
  signing: StoredVerifyingKey,
  encryptionPublicKeyBase64: z.base64().max(64),
  /** Of key_wrappings/{user_id}.wrap. */
  wrapSha256: Sha256,
});
export type VaultMember = z.infer<typeof VaultMember>;

export const CredentialEntry = z.strictObject({
  id: CredentialId,
  /** Unique in its vault; for people. */
  name: z.string().regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,128}$/u, 'must be 1 to 128 printable characters'),
  version: Counter,
  /** Of credentials/{id}.enc. */
  encSha256: Sha256,
  binding: CredentialBinding,
});
export type CredentialEntry = z.infer<typeof CredentialEntry>;

const distinct = (values: readonly string[]) => new Set(values).size === values.length;

export const VaultName = z.string().min(1).max(128);
export const VaultType = z.enum(['personal', 'shared']);

/** The truth about a vault. Every other file of it is either named here by digest or computed from this. */
export const VaultManifest = z
  .strictObject({
    format: z.literal('aileron-vault/1'),
    vaultId: VaultId,
    name: VaultName,
    type: VaultType,
    ownerUserId: UserId,
    createdAt: z.iso.datetime(),
    version: Counter,
    keyEpoch: Counter,
    /** Of the vault key, so that all members hold the same one. */
    vaultKeyCommitment: Sha256,
    members: z.array(VaultMember).min(1).max(200),
    credentials: z.array(CredentialEntry).max(500),
    /** Of the manifest.json before this one; null in the first. */
    previousManifestSha256: Sha256.nullable(),
  })
  .refine((manifest) => distinct(manifest.members.map((member) => member.userId)))
  .refine((manifest) => distinct(manifest.credentials.map((credential) => credential.id)))
  .refine((manifest) => distinct(manifest.credentials.map((credential) => credential.name)))
  .refine((manifest) => (manifest.previousManifestSha256 === null) === (manifest.version === 1));
export type VaultManifest = z.infer<typeof VaultManifest>;

export async function signManifest(manifest: VaultManifest, key: SigningKey): Promise<Uint8Array> {
  return await signJson({ payloadType: VAULT_MANIFEST_TYPE, value: VaultManifest.parse(manifest), key });
}

/**
 * The manifest in a manifest.json, if a trusted key signed it that belongs to an owner or contributor of this vault, and
 * it is not older than `minVersion`. VAULT_TAMPERED otherwise.
 */
export async function verifyManifest(input: {
  file: Uint8Array;
  vaultId: string;
  trusted: readonly VerifyingKey[];
  minVersion: number;
}): Promise<{ manifest: VaultManifest; manifestSha256: string; signerKeyId: string }> {
  const { value: manifest, keyId } = await verifyJson({
    file: input.file,
    payloadType: VAULT_MANIFEST_TYPE,
    keys: input.trusted,
    schema: VaultManifest,
    maxBytes: MAX_MANIFEST_BYTES,
  });
  const at = { vaultId: input.vaultId };
  if (manifest.vaultId !== input.vaultId) throw tampered('another-vault', at);
  const signer = manifest.members.find((member) => member.signing.keyId === keyId);
  if (signer === undefined || signer.role === 'reader') throw tampered('signer-may-not-write', at);
  if (manifest.version < input.minVersion) throw tampered('rolled-back', at);
  return { manifest, manifestSha256: await sha256Base64Url(input.file), signerKeyId: keyId };
}

/**
 * Whether `next` may follow `previous`: one step in the chain, signed by who may make this change. For whoever keeps
 * manifests; VAULT_TAMPERED names the broken rule.
 */
export function assertSuccession(input: {
  previous: { manifest: VaultManifest; manifestSha256: string };
  next: { manifest: VaultManifest; signerKeyId: string };
}): void {
  const { manifest: previous, manifestSha256 } = input.previous;
  const { manifest: next, signerKeyId } = input.next;
  const at = { vaultId: previous.vaultId };
  if (next.vaultId !== previous.vaultId) throw tampered('another-vault', at);
  if (next.version !== previous.version + 1) throw tampered('version-gap', at);
  if (next.previousManifestSha256 !== manifestSha256) throw tampered('chain-broken', at);
  if (next.keyEpoch < previous.keyEpoch || next.keyEpoch > previous.keyEpoch + 1) throw tampered('epoch-gap', at);
  const signer = previous.members.find((member) => member.signing.keyId === signerKeyId);
  if (signer === undefined || signer.role === 'reader') throw tampered('signer-may-not-write', at);
  const who = (manifest: VaultManifest) =>
    JSON.stringify(manifest.members.map(({ userId, role, signing }) => [userId, role, signing.publicKeyBase64]));
  if (signer.role !== 'owner' && who(previous) !== who(next)) throw tampered('signer-may-not-grant', at);
  for (const credential of previous.credentials) {
    const later = next.credentials.find(({ id }) => id === credential.id);
    if (later !== undefined && later.version < credential.version) throw tampered('rolled-back', at);
  }
}
