import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { createPartAuthority, issuePartCertificate, type CertificateAndKey } from '@aileron/tls';
import { writePrivateFile } from '../home/private-file.js';

/** The parts that speak to one another over mutual TLS. */
export const PARTS = ['mgmt-plane', 'credential-service', 'proxy'] as const;
export type PartName = (typeof PARTS)[number];

/** A certificate with less than this left is made anew. */
const RENEW_BEFORE_MS = 30 * 86_400_000;

export interface CertificatesInput {
  /** Holds `ca.crt`, `ca.key` and a folder for each part: `ca.crt`, `tls.crt`, `tls.key`. */
  readonly directory: string;
  readonly tenantId: string;
  /** Where the parts answer, beside loopback. */
  readonly hosts: readonly string[];
  readonly now: Date;
}

/** A development CA and a certificate for each part; what is there and lasts is kept. Returns what was written. */
export async function ensureCertificates(input: CertificatesInput): Promise<string[]> {
  const { directory, now } = input;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  const write = (path: string, content: string): void => {
    writePrivateFile(path, content);
    written.push(path);
  };
  let authority = readPair(directory, 'ca');
  if (authority === undefined || !lasts(authority, now)) {
    authority = await createPartAuthority({ now });
    write(join(directory, 'ca.crt'), authority.certificatePem);
    write(join(directory, 'ca.key'), authority.privateKeyPem);
  }
  for (const part of PARTS) {
    const folder = join(directory, part);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isCurrent(folder, { authority, input })) continue;
    const hosts = ['localhost', '127.0.0.1', '::1', ...input.hosts];
    const own = await issuePartCertificate({ authority, part, tenantId: input.tenantId, hosts, now });
    write(join(folder, 'ca.crt'), authority.certificatePem);
    write(join(folder, 'tls.crt'), own.certificatePem);
    write(join(folder, 'tls.key'), own.privateKeyPem);
  }
  return written;
}

function isCurrent(
  folder: string,
  { authority, input }: { readonly authority: CertificateAndKey; readonly input: CertificatesInput },
): boolean {
  const own = readPair(folder, 'tls');
  const trusted = join(folder, 'ca.crt');
  if (own === undefined || !existsSync(trusted)) return false;
  if (readFileSync(trusted, 'utf8') !== authority.certificatePem || !lasts(own, input.now)) return false;
  const { O: tenantId } = new X509Certificate(own.certificatePem).toLegacyObject().subject as { O?: string };
  return tenantId === input.tenantId;
}

function readPair(folder: string, name: 'ca' | 'tls'): CertificateAndKey | undefined {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  if (!existsSync(certificate) || !existsSync(key)) return undefined;
  return { certificatePem: readFileSync(certificate, 'utf8'), privateKeyPem: readFileSync(key, 'utf8') };
}

function lasts({ certificatePem }: CertificateAndKey, now: Date): boolean {
  try {
    return Date.parse(new X509Certificate(certificatePem).validTo) - now.getTime() > RENEW_BEFORE_MS;
  } catch (cause) {
    const fields = [{ field: 'ca.crt', message: 'is not a PEM certificate: restore or remove it' }];
    throw new AileronError('CONFIG_INVALID', { fields }, { cause });
  }
}
