import { generateKeyPair, X509Certificate, type KeyObject } from 'node:crypto';
import {
  authorityConstraints,
  authorityKeyIdentifier,
  extendedKeyUsage,
  keyUsage,
  leafConstraints,
  subjectAltName,
  subjectKeyIdentifier,
  type Purpose,
} from './certificate-extensions.js';
import { distinguishedName, type DistinguishedName } from './certificate-names.js';
import { certificateFrame, keyIdentifier, signCertificate, type Validity } from './certificate.js';
import { certificatePem } from './pem.js';

export const ORGANIZATION = 'Aileron';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** ECDSA over P-256: what every TLS client of the last ten years verifies. */
export function generateP256(): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    generateKeyPair('ec', { namedCurve: 'P-256' }, (error, publicKey, privateKey) => {
      if (error === null) resolve({ publicKey, privateKey });
      else reject(error);
    });
  });
}

/** A certificate authority of ours with its key: self-signed, signs leaves only, and lends them its validity. */
export class CertificateAuthority {
  readonly certificatePem: string;
  readonly validity: Validity;
  readonly #name: Buffer;
  readonly #keyIdentifier: Buffer;

  private constructor(
    certificate: X509Certificate,
    readonly privateKey: KeyObject,
  ) {
    this.certificatePem = certificatePem(certificate.raw);
    this.validity = { notBefore: certificate.validFromDate, notAfter: certificate.validToDate };
    this.#name = nameOf(certificate);
    this.#keyIdentifier = keyIdentifier(certificate.publicKey);
  }

  static async create(input: { readonly name: string } & Validity): Promise<CertificateAuthority> {
    const { publicKey, privateKey } = await generateP256();
    const name = distinguishedName({ commonName: input.name, organization: ORGANIZATION });
    const frame = certificateFrame({ issuer: name, subject: name, validity: input, publicKey });
    const extensions = [
      authorityConstraints(),
      keyUsage('keyCertSign', 'cRLSign'),
      subjectKeyIdentifier(keyIdentifier(publicKey)),
    ];
    const der = signCertificate({ frame, extensions, signingKey: privateKey });
    return new CertificateAuthority(new X509Certificate(der), privateKey);
  }

  /** One that `create` made. @throws when they do not belong together, or are no such authority */
  static open(input: { readonly certificate: string; readonly privateKey: KeyObject }): CertificateAuthority {
    const certificate = new X509Certificate(input.certificate);
    if (!certificate.ca) throw new TypeError('the certificate is not of an authority');
    if (!certificate.checkPrivateKey(input.privateKey)) throw new TypeError('the key is of another certificate');
    return new CertificateAuthority(certificate, input.privateKey);
  }

  /** Writes leaves that differ in their hosts only. */
  leafWriter(input: {
    readonly subject: DistinguishedName;
    readonly publicKey: KeyObject;
    readonly purposes: readonly Purpose[];
    readonly validity?: Validity;
  }): (hosts: readonly string[]) => Buffer {
    const { publicKey, purposes, validity = this.validity } = input;
    const subject = distinguishedName(input.subject);
    const frame = certificateFrame({ issuer: this.#name, subject, validity, publicKey });
    const common = [
      leafConstraints(),
      keyUsage('digitalSignature'),
      extendedKeyUsage(...purposes),
      authorityKeyIdentifier(this.#keyIdentifier),
      subjectKeyIdentifier(keyIdentifier(publicKey)),
    ];
    return (hosts) =>
      signCertificate({ frame, extensions: [...common, subjectAltName(hosts)], signingKey: this.privateKey });
  }
}

/**
 * The name by which leaves call their issuer has to be the authority's own to the byte (Go compares no other way). It is
 * written anew and looked for, rather than read out of the certificate.
 */
function nameOf(certificate: X509Certificate): Buffer {
  const { CN: commonName } = certificate.toLegacyObject().subject;
  if (typeof commonName !== 'string') throw new TypeError('the authority has no name');
  const name = distinguishedName({ commonName, organization: ORGANIZATION });
  if (!certificate.raw.includes(name)) throw new TypeError('the authority is not one of Aileron');
  return name;
}
