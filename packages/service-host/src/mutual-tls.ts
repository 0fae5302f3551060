import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerIdentity as checkName, type PeerCertificate } from 'node:tls';
import { credentials, ServerCredentials, type ChannelCredentials } from '@grpc/grpc-js';
import { AileronError } from '@aileron/errors';
import { assertSameTenant, identityOf, identityOfSubject, type PartIdentity } from './part-identity.js';

/** PEM texts of one part: its certificate names it (common name), and the CA signs only our parts. */
export interface MutualTls {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The names of a Kubernetes TLS secret. */
const FILES = { caPem: 'ca.crt', certificatePem: 'tls.crt', privateKeyPem: 'tls.key' } as const;

/** What a part's folder holds: `ca.crt`, `tls.crt`, `tls.key`. @throws AileronError CONFIG_INVALID naming the file */
export function readMutualTls(directory: string): MutualTls {
  const read = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch (cause) {
      const fields = [{ field: 'AILERON_TLS_DIRECTORY', message: `holds no readable ${name}` }];
      throw new AileronError('CONFIG_INVALID', { directory, fields }, { cause });
    }
  };
  return {
    caPem: read(FILES.caPem),
    certificatePem: read(FILES.certificatePem),
    privateKeyPem: read(FILES.privateKeyPem),
  };
}

/** Our certificate as a server, and who it says we are. */
export interface ServingCredentials {
  readonly own: PartIdentity;
  readonly grpc: ServerCredentials;
}

/** A server that answers only callers with a certificate of this CA. */
export function serverCredentials(tls: MutualTls): ServingCredentials {
  const pair = { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) };
  return { own: identityOf(tls), grpc: ServerCredentials.createSsl(Buffer.from(tls.caPem), [pair], true) };
}

/** Our certificate as a caller, and who it says we are. */
export interface CallingCredentials {
  readonly own: PartIdentity;
  readonly grpc: ChannelCredentials;
  /** Why the last server was not spoken to, when its certificate was of our CA but of another tenant. */
  refusal(): AileronError | undefined;
}

/** A caller that shows its certificate, trusts this CA alone, and speaks to parts of its own tenant only. */
export function channelCredentials(tls: MutualTls): CallingCredentials {
  const own = identityOf(tls);
  let refusal: AileronError | undefined;
  const checkServerIdentity = (name: string, certificate: PeerCertificate): Error | undefined => {
    refusal = undefined;
    try {
      assertSameTenant(own, identityOfSubject({ ...certificate.subject }));
    } catch (error) {
      return (refusal = error as AileronError);
    }
    return checkName(name, certificate);
  };
  const [ca, key, certificate] = [tls.caPem, tls.privateKeyPem, tls.certificatePem].map((pem) => Buffer.from(pem));
  return {
    own,
    grpc: credentials.createSsl(ca, key, certificate, { checkServerIdentity }),
    refusal: () => refusal,
  };
}
