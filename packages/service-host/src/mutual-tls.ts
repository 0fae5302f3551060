import { credentials, ServerCredentials, type ChannelCredentials } from '@grpc/grpc-js';

/** PEM texts of one part: its certificate names it (common name), and the CA signs only our parts. */
export interface MutualTls {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A server that answers only callers with a certificate of this CA. */
export function serverCredentials({ caPem, certificatePem, privateKeyPem }: MutualTls): ServerCredentials {
  const pair = { private_key: Buffer.from(privateKeyPem), cert_chain: Buffer.from(certificatePem) };
  return ServerCredentials.createSsl(Buffer.from(caPem), [pair], true);
}

/** A caller that shows its certificate, and trusts this CA alone. */
export function channelCredentials({ caPem, certificatePem, privateKeyPem }: MutualTls): ChannelCredentials {
  return credentials.createSsl(Buffer.from(caPem), Buffer.from(privateKeyPem), Buffer.from(certificatePem));
}
