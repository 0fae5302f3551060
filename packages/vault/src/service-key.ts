import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { fromBase64, toBase64 } from './base64.js';
import { canonicalJson } from './canonical-json.js';
import { equalBytes, textOf } from './bytes.js';
import { verifyEndorsement } from './device-endorsement.js';
import { type DsseEnvelope, verifyEnvelope } from './dsse.js';
import { type EncryptionKeyPair, generateEncryptionKey, hpkeOpen, importEncryptionKeyPair } from './hpke.js';
import { invalidLease } from './lease-errors.js';
import {
  LEASE_TYPE,
  LeaseHeader,
  type LeasedVault,
  MAX_LEASE_BYTES,
  SealedLease,
  type SealedLeasePayload,
  SignedLease,
} from './lease.js';
import { leaseBinding } from './seal-lease.js';
import { Secret } from './secret.js';
import { signServiceKey } from './service-key-envelope.js';
import { sha256Base64Url } from './sha256.js';
import { type SigningKey, type VerifyingKey } from './signing-key.js';

/** A device that may hand in leases for one user. */
export interface TrustedDevice {
  readonly userId: string;
  readonly key: VerifyingKey;
}

export interface LeaseExpectation {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly devices: readonly TrustedDevice[];
  readonly now: Date;
}

export interface ServiceKeyHandle {
  /** Public: what devices seal to. */
  readonly envelope: DsseEnvelope;
  /**
   * Opens a lease: parse → is for this session → decrypt → signed by a device of this user → says the same → in time →
   * not seen before. LEASE_INVALID with a reason; RATE_LIMITED when too many came in a short time.
   */
  open(sealed: Uint8Array, expected: LeaseExpectation): Promise<SealedLeasePayload>;
}

/** A sealed lease is delivered at once: five minutes allow for a slow relay, one for a clock that is ahead. */
const MAX_AGE_MS = 300_000;
const MAX_AHEAD_MS = 60_000;
/** No lease lives longer, whatever it says. */
const MAX_LIFETIME_MS = 86_400_000;
const MAX_NONCES = 10_000;

/** A fresh HPKE key, signed by the service key that devices pin. It lives in this closure and dies with the process. */
export async function makeServiceKey(service: SigningKey, bootId: string): Promise<ServiceKeyHandle> {
  const generated = await generateEncryptionKey();
  const recipient = await importEncryptionKeyPair(generated);
  generated.pkcs8.fill(0);
  const publicKeyBase64 = toBase64(generated.publicKeyRaw);
  const envelope = await signServiceKey({ bootId, publicKeyBase64 }, service);
  const nonces = new SeenNonces();
  return {
    envelope,
    open: async (sealed, expected) => {
      const header = headerOf(sealed, expected, publicKeyBase64);
      const plaintext = await decryptLease(sealed, header, recipient);
      try {
        const { signed, keys } = await verifySigned({ plaintext, header, expected });
        assertInTime(signed, expected.now);
        const vaults = await matchKeys(signed, keys);
        nonces.use(signed.nonce, expected.now.getTime());
        return opened(signed, vaults);
      } finally {
        plaintext.fill(0);
      }
    },
  };
}

/** Nonces are kept for as long as their lease could still be handed in. */
class SeenNonces {
  readonly #seen = new Map<string, number>();

  use(nonce: string, nowMs: number): void {
    for (const [old, forgetAt] of this.#seen) {
      if (forgetAt > nowMs) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(nonce)) throw invalidLease('replayed');
    if (this.#seen.size >= MAX_NONCES) throw new AileronError('RATE_LIMITED');
    this.#seen.set(nonce, nowMs + MAX_AGE_MS + MAX_AHEAD_MS);
  }
}

function parseSealed(sealed: Uint8Array) {
  if (sealed.length > MAX_LEASE_BYTES) throw invalidLease('too-large');
  try {
    return SealedLease.parse(JSON.parse(textOf(sealed)));
  } catch {
    throw invalidLease('malformed');
  }
}

function headerOf(sealed: Uint8Array, expected: LeaseExpectation, publicKeyBase64: string): LeaseHeader {
  const { encBase64: _enc, ciphertextBase64: _ciphertext, ...header } = parseSealed(sealed);
  if (header.tenantId !== expected.tenantId || header.sessionId !== expected.sessionId) {
    throw invalidLease('another-session');
  }
  if (header.recipientPublicKeyBase64 !== publicKeyBase64) throw invalidLease('another-boot');
  return header;
}

async function decryptLease(
  sealed: Uint8Array,
  header: LeaseHeader,
  recipient: EncryptionKeyPair,
): Promise<Uint8Array> {
  const { encBase64, ciphertextBase64 } = parseSealed(sealed);
  const enc = fromBase64(encBase64) ?? new Uint8Array();
  const ciphertext = fromBase64(ciphertextBase64) ?? new Uint8Array();
  const plaintext = await hpkeOpen({ recipient, enc, ciphertext, ...leaseBinding(header) });
  if (plaintext === null) throw invalidLease('does-not-open');
  return plaintext;
}

async function verifySigned(input: {
  plaintext: Uint8Array;
  header: LeaseHeader;
  expected: LeaseExpectation;
}): Promise<{ signed: SignedLease; keys: Uint8Array }> {
  const { plaintext, header } = input;
  if (plaintext.length < 4) throw invalidLease('malformed');
  const end = 4 + new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0);
  if (end > plaintext.length) throw invalidLease('malformed');
  try {
    const envelope = JSON.parse(textOf(plaintext.subarray(4, end))) as unknown;
    const keys = await signersOf(envelope, header, input.expected);
    const { payload } = await verifyEnvelope({ envelope, payloadType: LEASE_TYPE, keys });
    const signed = SignedLease.parse(JSON.parse(textOf(payload)));
    const named = canonicalJson(LeaseHeader.strip().parse(signed));
    if (!equalBytes(named, canonicalJson(header))) throw invalidLease('another-session');
    return { signed, keys: plaintext.subarray(end) };
  } catch (error) {
    if (AileronError.is(error, 'LEASE_INVALID')) throw error;
    throw invalidLease(AileronError.is(error) ? 'not-signed-by-a-device' : 'malformed');
  }
}

/** The devices of this user, and the one that the envelope brings an endorsement of by one of them. */
async function signersOf(
  envelope: unknown,
  { userId }: LeaseHeader,
  { tenantId, devices, now }: LeaseExpectation,
): Promise<VerifyingKey[]> {
  const own = devices.filter((device) => device.userId === userId);
  const keys = own.map(({ key }) => key);
  const { endorsement } = z.object({ endorsement: z.unknown().optional() }).parse(envelope);
  if (endorsement === undefined) return keys;
  const people = own.map((device) => ({ ...device, name: userId }));
  const input = { envelope: endorsement, tenantId, devices: people, now: now.getTime(), leases: true };
  return [...keys, (await verifyEndorsement(input)).key];
}

function assertInTime(signed: SignedLease, now: Date): void {
  const issuedAt = Date.parse(signed.issuedAt);
  const expiresAt = Date.parse(signed.expiresAt);
  const age = now.getTime() - issuedAt;
  if (age > MAX_AGE_MS || age < -MAX_AHEAD_MS) throw invalidLease('not-issued-now');
  if (expiresAt <= now.getTime()) throw invalidLease('expired');
  if (expiresAt - issuedAt > MAX_LIFETIME_MS) throw invalidLease('too-long');
}

async function matchKeys(signed: SignedLease, keys: Uint8Array): Promise<LeasedVault[]> {
  if (keys.length !== signed.vaults.length * 32) throw invalidLease('malformed');
  const vaults = signed.vaults.map(({ vaultId, manifestVersion }, i) => {
    return { vaultId, manifestVersion, vaultKey: Secret.fromBytes(keys.slice(i * 32, (i + 1) * 32)) };
  });
  for (const [i, { vaultKey }] of vaults.entries()) {
    if ((await sha256Base64Url(vaultKey.expose())) === signed.vaults[i]?.vaultKeySha256) continue;
    for (const vault of vaults) vault.vaultKey.zero();
    throw invalidLease('keys-changed');
  }
  return vaults;
}

function opened(signed: SignedLease, vaults: readonly LeasedVault[]): SealedLeasePayload {
  const { tenantId, userId, sessionId, nonce, memberPublicKey } = signed;
  const [issuedAt, expiresAt] = [new Date(signed.issuedAt), new Date(signed.expiresAt)];
  return { tenantId, userId, sessionId, nonce, issuedAt, expiresAt, memberPublicKey, vaults };
}
