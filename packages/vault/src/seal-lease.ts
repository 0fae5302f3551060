import { fromBase64, toBase64, toBase64Url } from './base64.js';
import { canonicalJson } from './canonical-json.js';
import { concatBytes, utf8 } from './bytes.js';
import { type DsseEnvelope, signEnvelope } from './dsse.js';
import { hpkeSeal } from './hpke.js';
import { invalidLease } from './lease-errors.js';
import { type Lease, LEASE_TYPE, LeaseHeader, MAX_LEASE_VAULTS, type SignedLease } from './lease.js';
import { parseInput } from './parse-input.js';
import { verifyServiceKey } from './service-key-envelope.js';
import { sha256Base64Url } from './sha256.js';
import { type SigningKey, type VerifyingKey } from './signing-key.js';
import { randomBytes } from './web-crypto.js';

/**
 * Seals a lease to the key of credential-service's present boot, if a pinned service key signed that key
 * (SIGNATURE_INVALID). The device signs what is inside; whoever relays the result reads ids and nothing else.
 */
export async function sealLease(input: {
  serviceKeyEnvelope: DsseEnvelope;
  pinned: readonly VerifyingKey[];
  lease: Lease;
  device: SigningKey;
  /** Of a browser's key, by the person's own device: see endorseDevice. */
  endorsement?: DsseEnvelope;
}): Promise<Uint8Array> {
  const { lease } = input;
  if (lease.vaults.length > MAX_LEASE_VAULTS) throw invalidLease('too-many-vaults');
  const { publicKeyBase64 } = await verifyServiceKey(input.serviceKeyEnvelope, input.pinned);
  const { tenantId, userId, sessionId } = lease;
  const ids = { tenantId, userId, sessionId, recipientPublicKeyBase64: publicKeyBase64 };
  const header = parseInput(LeaseHeader, { format: 'aileron-lease/1', ...ids }, 'lease');
  const plaintext = await leasePlaintext({ header, ...input });
  const recipientPublicKeyRaw = fromBase64(publicKeyBase64) ?? new Uint8Array();
  const { enc, ciphertext } = await hpkeSeal({ recipientPublicKeyRaw, ...leaseBinding(header), plaintext });
  plaintext.fill(0);
  return utf8(JSON.stringify({ ...header, encBase64: toBase64(enc), ciphertextBase64: toBase64(ciphertext) }));
}

/** Ids and recipient, bound to the ciphertext. */
export function leaseBinding(header: LeaseHeader): { info: Uint8Array; aad: Uint8Array } {
  return { info: utf8('aileron/lease/1'), aad: canonicalJson(header) };
}

/** `length of the envelope (4 bytes, big endian) ‖ DSSE envelope ‖ 32 bytes of key for each vault, in order`. */
async function leasePlaintext(input: {
  header: LeaseHeader;
  lease: Lease;
  device: SigningKey;
  endorsement?: DsseEnvelope;
}) {
  const { header, lease } = input;
  const vaults = await Promise.all(
    lease.vaults.map(async ({ vaultId, vaultKey, manifestVersion }) => {
      return { vaultId, vaultKeySha256: await sha256Base64Url(vaultKey.expose()), manifestVersion };
    }),
  );
  const signed: SignedLease = {
    ...header,
    nonce: toBase64Url(randomBytes(24)),
    issuedAt: lease.issuedAt.toISOString(),
    expiresAt: lease.expiresAt.toISOString(),
    memberPublicKey: lease.memberPublicKey,
    vaults,
  };
  const payload = canonicalJson(signed);
  const signature = await signEnvelope({ payloadType: LEASE_TYPE, payload, key: input.device });
  const envelope = utf8(JSON.stringify({ ...signature, endorsement: input.endorsement }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, envelope.length);
  return concatBytes(length, envelope, ...lease.vaults.map(({ vaultKey }) => vaultKey.expose()));
}
