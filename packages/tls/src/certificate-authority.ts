import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';

// The one file that loads @peculiar/x509: its container needs reflect-metadata before it.

export type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** ECDSA over P-256 with SHA-256: what every TLS client of the last ten years verifies. */
export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** CA/Browser Forum ballot SC-081: what clients will take from 2029 on. */
export const MAX_VALIDITY_SECONDS = 47 * 86_400;
/** Agents' clocks run behind. */
const BACKDATE_SECONDS = 3_600;
const webCrypto = webcrypto;

/** From an hour ago to `ttlSeconds` from now, the whole never over 47 days. */
export function validity(now: Date, ttlSeconds: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const start = now.getTime() - BACKDATE_SECONDS * 1_000;
  const end = Math.min(now.getTime() + ttlSeconds * 1_000, start + MAX_VALIDITY_SECONDS * 1_000);
  return { notBefore: new Date(start), notAfter: new Date(end) };
}

export function generateKeyPair(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
}

/** A self-signed authority that may sign leaves only. */
export async function makeAuthority(input: {
  readonly name: string;
  readonly keys: CryptoKeyPair;
  readonly notBefore: Date;
  readonly notAfter: Date;
}): Promise<X509Certificate> {
  return await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: `CN=${input.name},O=Aileron`,
      notBefore: input.notBefore,
      notAfter: input.notAfter,
      keys: input.keys,
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(input.keys.publicKey, false, webCrypto),
      ],
    },
    webCrypto,
  );
}

export function readCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem);
}

/** What all leaves of one authority have in common: made once, a leaf takes a third of the time. */
export async function leafExtensions(
  authority: X509Certificate,
  leafKey: webcrypto.CryptoKey,
): Promise<readonly Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    await AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webCrypto),
    await SubjectKeyIdentifierExtension.create(leafKey, false, webCrypto),
  ];
}

/** A server certificate for one host name or IP address: the SAN says for what, the subject says nothing. */
export async function makeLeaf(input: {
  readonly host: string;
  readonly authority: X509Certificate;
  readonly authorityKey: webcrypto.CryptoKey;
  readonly leafKey: webcrypto.CryptoKey;
  readonly extensions: readonly Extension[];
}): Promise<X509Certificate> {
  const { host, authority } = input;
  return await X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: 'O=Aileron',
      issuer: authority.subject,
      notBefore: authority.notBefore,
      notAfter: authority.notAfter,
      publicKey: input.leafKey,
      signingKey: input.authorityKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        ...input.extensions,
        new SubjectAlternativeNameExtension([{ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }]),
      ],
    },
    webCrypto,
  );
}

/** 126 random bits, positive and without leading zeros (RFC 5280 4.1.2.2). */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
