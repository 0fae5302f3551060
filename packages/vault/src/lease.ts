import { z } from 'zod';
import { type Secret } from './secret.js';
import { StoredVerifyingKey } from './signing-key.js';
import { UserId } from './user-file.js';
import { VaultId } from './vault-manifest.js';

export const LEASE_TYPE = 'application/vnd.aileron.lease+json';
export const MAX_LEASE_VAULTS = 64;
/** Of the sealed form. */
export const MAX_LEASE_BYTES = 131_072;

/** One vault key for credential-service. */
export interface LeasedVault {
  readonly vaultId: string;
  readonly vaultKey: Secret;
  /** The least manifest version to accept: what the device saw last. */
  readonly manifestVersion: number;
}

/** What a device hands credential-service for one session. */
export interface Lease {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The user's identity key, which signs manifests. */
  readonly memberPublicKey: StoredVerifyingKey;
  readonly vaults: readonly LeasedVault[];
}

/** A lease as it arrived, with the nonce that keeps it from arriving twice. */
export interface SealedLeasePayload extends Lease {
  readonly nonce: string;
}

/** Names whose lease this is. Readable by the relay, and bound to the ciphertext. */
export const LeaseHeader = z.strictObject({
  format: z.literal('aileron-lease/1'),
  tenantId: z.string().min(1).max(64),
  userId: UserId,
  sessionId: z.string().min(1).max(64),
  /** Of the service key it is sealed to. */
  recipientPublicKeyBase64: z.base64().max(64),
});
export type LeaseHeader = z.infer<typeof LeaseHeader>;

export const SealedLease = z.strictObject({
  ...LeaseHeader.shape,
  encBase64: z.base64().max(64),
  ciphertextBase64: z.base64().max(MAX_LEASE_BYTES),
});

/**
 * The part that the device signs. The keys themselves follow it as raw bytes and never become text; here each is named
 * by its SHA-256.
 */
export const SignedLease = z.strictObject({
  ...LeaseHeader.shape,
  nonce: z.string().regex(/^[0-9A-Za-z_-]{22,64}$/),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  memberPublicKey: StoredVerifyingKey,
  vaults: z
    .array(z.strictObject({ vaultId: VaultId, vaultKeySha256: z.string().max(43), manifestVersion: z.int().min(1) }))
    .max(MAX_LEASE_VAULTS),
});
export type SignedLease = z.infer<typeof SignedLease>;
