import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** A certificate and its key, PEM: what `tls.createServer` takes. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a test can have wrong in a certificate. */
export interface CertificateOptions {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate authority of one test or demo run. Nobody trusts it unless told to, explicitly. */
export class TestAuthority {
  private constructor(
    readonly certificatePem: string,
    private readonly certificate: x509.X509Certificate,
    private readonly keys: { readonly publicKey: x509.PublicKeyType; readonly privateKey: SigningKeyOf },
  ) {}

  static async create(name = 'Aileron test authority'): Promise<TestAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 30 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestAuthority(certificate.toString('pem'), certificate, keys);
  }

  /** A certificate of a server or a client for these names; an IPv4 address among them becomes an IP name. */
  async issue(hosts: readonly string[], options: CertificateOptions = {}): Promise<TestCertificate> {
    const keys = await generateKeys();
    const names = hosts.map((host) => ({
      type: /^[\d.]+$/.test(host) ? ('ip' as const) : ('dns' as const),
      value: host,
    }));
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: `CN=${hosts[0] ?? 'test'}`,
      issuer: this.certificate.subject,
      notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
      notAfter: options.notAfter ?? new Date(Date.now() + 20 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pkcs8 = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
  }
}

type SigningKeyOf = Awaited<ReturnType<typeof generateKeys>>['privateKey'];

const generateKeys = () => globalThis.crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** 16 random bytes, positive, as RFC 5280 asks. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;
