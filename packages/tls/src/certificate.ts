import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  bitString,
  contextConstructed,
  integer,
  objectIdentifier,
  sequence,
  time,
  unsignedInteger,
} from './der-writer.js';

/** ecdsa-with-SHA256, without parameters (RFC 5758 3.2). */
const SIGNATURE_ALGORITHM = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
/** v3 counts from zero. */
const VERSION = contextConstructed(0, integer(2));
const SERIAL_BYTES = 20;
/** SubjectPublicKeyInfo of a P-256 key ends with its uncompressed point. */
const P256_POINT_BYTES = 65;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What certificates can have in common, written once: everything but the serial number and `extensions`. */
export interface CertificateFrame {
  readonly issuer: Buffer;
  readonly validity: Buffer;
  readonly subject: Buffer;
  readonly publicKeyInfo: Buffer;
}

export function certificateFrame(input: {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
}): CertificateFrame {
  const { notBefore, notAfter } = input.validity;
  return {
    issuer: input.issuer,
    validity: sequence(time(notBefore), time(notAfter)),
    subject: input.subject,
    publicKeyInfo: publicKeyInfo(input.publicKey),
  };
}

/**
 * Certificate of RFC 5280 4.1, DER. Signs on the calling thread: a P-256 signature takes 30 µs, the thread pool's
 * round trip as long again, and the pool may be full of Argon2.
 */
export function signCertificate(input: {
  readonly frame: CertificateFrame;
  readonly extensions: readonly Uint8Array[];
  readonly signingKey: KeyObject;
}): Buffer {
  const { frame, extensions, signingKey } = input;
  const toBeSigned = sequence(
    VERSION,
    unsignedInteger(serialNumber()),
    SIGNATURE_ALGORITHM,
    frame.issuer,
    frame.validity,
    frame.subject,
    frame.publicKeyInfo,
    contextConstructed(3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, { key: signingKey, dsaEncoding: 'der' });
  return sequence(toBeSigned, SIGNATURE_ALGORITHM, bitString(signature));
}

/** The SHA-1 of the public point (RFC 5280 4.2.1.2 method 1): a name for the key, no protection. */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  const point = publicKeyInfo(publicKey).subarray(-P256_POINT_BYTES);
  return createHash('sha1').update(point).digest();
}

function publicKeyInfo(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('not a P-256 key');
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** 20 bytes, the most RFC 5280 4.1.2.2 allows; positive and without leading zeros, 158 bits of them random. */
function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}
