import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { subtle, type WebCryptoKey } from './web-crypto.js';

/** An X25519 pair whose private half cannot be exported. */
export interface EncryptionKeyPair {
  readonly privateKey: WebCryptoKey;
  readonly publicKey: WebCryptoKey;
}

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** HPKE base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180 section 6.1). */
export async function hpkeSeal(input: {
  recipientPublicKeyRaw: Uint8Array;
  info: Uint8Array;
  aad: Uint8Array;
  plaintext: Uint8Array;
}): Promise<{ enc: Uint8Array; ciphertext: Uint8Array }> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(own(input.recipientPublicKeyRaw));
  const parameters = { recipientPublicKey, info: own(input.info) };
  const { enc, ct } = await suite.seal(parameters, own(input.plaintext), own(input.aad));
  return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
}

/** The plaintext, or null when it was not sealed to this key with this `info` and `aad`. */
export async function hpkeOpen(input: {
  recipient: EncryptionKeyPair;
  enc: Uint8Array;
  info: Uint8Array;
  aad: Uint8Array;
  ciphertext: Uint8Array;
}): Promise<Uint8Array | null> {
  try {
    const parameters = { recipientKey: input.recipient, enc: own(input.enc), info: own(input.info) };
    return new Uint8Array(await suite.open(parameters, own(input.ciphertext), own(input.aad)));
  } catch {
    return null;
  }
}

/** A fresh pair with its raw public key; `pkcs8` is there to be wrapped and zeroed. */
export async function generateEncryptionKey(): Promise<{ pkcs8: Uint8Array; publicKeyRaw: Uint8Array }> {
  const pair = await subtle.generateKey('X25519', true, ['deriveBits']);
  if (!('privateKey' in pair)) throw new TypeError('X25519 makes a pair');
  return {
    pkcs8: new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey)),
    publicKeyRaw: new Uint8Array(await subtle.exportKey('raw', pair.publicKey)),
  };
}

export async function importEncryptionKeyPair(input: {
  pkcs8: Uint8Array;
  publicKeyRaw: Uint8Array;
}): Promise<EncryptionKeyPair> {
  const privateKey = await subtle.importKey('pkcs8', own(input.pkcs8), 'X25519', false, ['deriveBits']);
  const publicKey = await subtle.importKey('raw', own(input.publicKeyRaw), 'X25519', true, []);
  return { privateKey, publicKey };
}

/** The library reads `.buffer` of some arguments: it must hold these bytes and no others. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole && bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
