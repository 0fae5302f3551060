import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
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
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import {
  generateKeyPair,
  KEY_ALGORITHM,
  makeAuthority,
  readCertificate,
  serialNumber,
} from './certificate-authority.js';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 365;
const PART_DAYS = 90;
const BACKDATE_MS = 3_600_000;

/** PEM texts: a certificate and its PKCS #8 key. */
export interface CertificateAndKey {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A CA of an installation's own parts, for a year. */
export async function createPartAuthority({ now }: { readonly now: Date }): Promise<CertificateAndKey> {
  const keys = await generateKeyPair();
  const certificate = await makeAuthority({
    name: 'Aileron parts',
    keys,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
  });
  return toPem(certificate, keys.privateKey);
}

/**
 * A certificate of one part, for 90 days, to serve and to call with: the common name is the part, the organization its
 * tenant, the alternative names the part and where it answers (host names and IP addresses).
 */
export async function issuePartCertificate(input: {
  readonly authority: CertificateAndKey;
  readonly part: string;
  readonly tenantId: string;
  readonly hosts: readonly string[];
  readonly now: Date;
}): Promise<CertificateAndKey> {
  const authority = readCertificate(input.authority.certificatePem);
  const keys = await generateKeyPair();
  const end = Math.min(input.now.getTime() + PART_DAYS * DAY_MS, authority.notAfter.getTime());
  const names = [...new Set([input.part, ...input.hosts])];
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: [{ CN: [input.part] }, { O: [input.tenantId] }],
      issuer: authority.subject,
      notBefore: new Date(input.now.getTime() - BACKDATE_MS),
      notAfter: new Date(end),
      publicKey: keys.publicKey,
      signingKey: await importPrivateKey(input.authority.privateKeyPem),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        await AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
        ),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys.privateKey);
}

async function toPem(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<CertificateAndKey> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = pkcs8.replace(/.{64}/g, '$&\n').trimEnd();
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}

function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, KEY_ALGORITHM, false, ['sign']);
}
