// A CA and certificates of parts, for tests of mutual TLS.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import type { MutualTls } from './mutual-tls.js';

cryptoProvider.set(webcrypto as never);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
type Keys = webcrypto.CryptoKeyPair;
const generateKeys = (): Promise<Keys> => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

export class CertificateAuthority {
  private constructor(
    private readonly keys: Keys,
    private readonly certificate: X509Certificate,
  ) {}

  static async create(): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=test CA',
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, 0, true)],
    });
    return new CertificateAuthority(keys, certificate);
  }

  async issue(part: string, tenantId?: string): Promise<MutualTls> {
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.create({
      subject: tenantId === undefined ? `CN=${part}` : `CN=${part},O=${tenantId}`,
      issuer: this.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: part }])],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    const privateKeyPem = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
    return { caPem: this.certificate.toString('pem'), certificatePem: certificate.toString('pem'), privateKeyPem };
  }
}
