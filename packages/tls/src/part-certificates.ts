import { createPrivateKey } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { CertificateAuthority, generateP256 } from './certificate-authority.js';
import { certificatePem, privateKeyPem } from './pem.js';

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
  const authority = await CertificateAuthority.create({
    name: 'Aileron parts',
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
  });
  return { certificatePem: authority.certificatePem, privateKeyPem: privateKeyPem(authority.privateKey) };
}

/**
 * A certificate of one part, for 90 days, to serve and to call with: the common name is the part, the organization its
 * tenant, the alternative names the part and where it answers (host names and IP addresses).
 * @throws AileronError CONFIG_INVALID when the authority is not one of `createPartAuthority`; INVALID_ARGUMENT for a host
 * that is none
 */
export async function issuePartCertificate(input: {
  readonly authority: CertificateAndKey;
  readonly part: string;
  readonly tenantId: string;
  readonly hosts: readonly string[];
  readonly now: Date;
}): Promise<CertificateAndKey> {
  const authority = openAuthority(input.authority);
  const { publicKey, privateKey } = await generateP256();
  const end = Math.min(input.now.getTime() + PART_DAYS * DAY_MS, authority.validity.notAfter.getTime());
  const write = authority.leafWriter({
    subject: { commonName: input.part, organization: input.tenantId },
    publicKey,
    purposes: ['serverAuth', 'clientAuth'],
    validity: { notBefore: new Date(input.now.getTime() - BACKDATE_MS), notAfter: new Date(end) },
  });
  const der = write([...new Set([input.part, ...input.hosts])]);
  return { certificatePem: certificatePem(der), privateKeyPem: privateKeyPem(privateKey) };
}

function openAuthority(pair: CertificateAndKey): CertificateAuthority {
  try {
    const privateKey = createPrivateKey(pair.privateKeyPem);
    return CertificateAuthority.open({ certificate: pair.certificatePem, privateKey });
  } catch (cause) {
    const fields = [{ field: 'ca.crt', message: 'is not an authority of Aileron with its key: restore or remove it' }];
    throw new AileronError('CONFIG_INVALID', { fields }, { cause });
  }
}
