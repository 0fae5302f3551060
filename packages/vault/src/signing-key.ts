import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { fromBase64, toBase64 } from './base64.js';
import { equalBytes, utf8 } from './bytes.js';
import { sha256Base64Url } from './sha256.js';
import { subtle, type WebCryptoKey } from './web-crypto.js';

/** Ed25519 (RFC 8032). `keyId` = first 16 characters of base64url(SHA-256(raw public key)). */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: WebCryptoKey;
}

export interface VerifyingKey {
  readonly keyId: string;
  readonly publicKey: WebCryptoKey;
}

const KeyId = z.string().regex(/^[0-9A-Za-z_-]{16}$/, 'must be a key id of 16 characters');

/** A public key at rest. `publicKeyBase64` is the raw 32 bytes. */
export const StoredVerifyingKey = z.object({ keyId: KeyId, publicKeyBase64: z.base64().max(64) });
export type StoredVerifyingKey = z.infer<typeof StoredVerifyingKey>;

/** A private key at rest (a file of mode 0600). `privateKeyBase64` is PKCS #8. */
export const StoredSigningKey = StoredVerifyingKey.extend({ privateKeyBase64: z.base64().max(256) });
export type StoredSigningKey = z.infer<typeof StoredSigningKey>;

export async function generateSigningKey(): Promise<{
  signing: SigningKey;
  verifying: VerifyingKey;
  stored: StoredSigningKey;
}> {
  const pair = await subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new TypeError('Ed25519 makes a pair');
  const pkcs8 = new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey));
  const raw = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const stored = { keyId: await keyIdOf(raw), publicKeyBase64: toBase64(raw), privateKeyBase64: toBase64(pkcs8) };
  return { signing: await importSigningKey(stored), verifying: await importVerifyingKey(stored), stored };
}

/** A key of this device alone: its private half can be used and kept, but never read, not even by us. */
export async function generateDeviceKey(): Promise<{ signing: SigningKey; verifying: VerifyingKey }> {
  const pair = await subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new TypeError('Ed25519 makes a pair');
  const keyId = await keyIdOf(new Uint8Array(await subtle.exportKey('raw', pair.publicKey)));
  return { signing: { keyId, privateKey: pair.privateKey }, verifying: { keyId, publicKey: pair.publicKey } };
}

/** The id that a raw Ed25519 public key gives itself. */
export async function keyIdOf(rawPublicKey: Uint8Array): Promise<string> {
  return (await sha256Base64Url(rawPublicKey)).slice(0, 16);
}

/** Refuses (SIGNATURE_INVALID) a key whose parts do not belong together. The imported key cannot be exported. */
export async function importSigningKey(stored: StoredSigningKey): Promise<SigningKey> {
  const verifying = await importVerifyingKey(stored);
  const pkcs8 = fromBase64(stored.privateKeyBase64);
  if (pkcs8 === null) throw invalidKey('private-key-encoding');
  try {
    const privateKey = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
    const probe = utf8('aileron key pair probe');
    const signature = await subtle.sign('Ed25519', privateKey, probe);
    if (!(await subtle.verify('Ed25519', verifying.publicKey, signature, probe))) throw invalidKey('key-pair');
    return { keyId: verifying.keyId, privateKey };
  } catch (error) {
    throw AileronError.is(error) ? error : invalidKey('private-key');
  } finally {
    pkcs8.fill(0);
  }
}

/** Refuses (SIGNATURE_INVALID) a key whose id is not its own. */
export async function importVerifyingKey(stored: StoredVerifyingKey): Promise<VerifyingKey> {
  const raw = fromBase64(stored.publicKeyBase64);
  if (raw === null || raw.length !== 32) throw invalidKey('public-key-encoding');
  const keyId = await keyIdOf(raw);
  if (!equalBytes(utf8(keyId), utf8(stored.keyId))) throw invalidKey('key-id');
  try {
    return { keyId, publicKey: await subtle.importKey('raw', raw, 'Ed25519', true, ['verify']) };
  } catch {
    throw invalidKey('public-key');
  }
}

/** The form at rest of a public key. */
export async function exportVerifyingKey(key: VerifyingKey): Promise<StoredVerifyingKey> {
  const raw = new Uint8Array(await subtle.exportKey('raw', key.publicKey));
  return { keyId: key.keyId, publicKeyBase64: toBase64(raw) };
}

const invalidKey = (reason: string) => new AileronError('SIGNATURE_INVALID', { reason });
