import { randomBytes } from 'node:crypto';
import { DecryptService } from '@aileron/contracts/grpc';
import {
  channelCredentials,
  createClient,
  GrpcServer,
  GrpcTransport,
  InProcessTransport,
  MethodRegistry,
  serverCredentials,
  type MutualTls,
  type ServiceImpl,
  type Transport,
} from '@aileron/service-host';
import { createLogger } from '@aileron/telemetry';
import { createPartAuthority, issuePartCertificate } from '@aileron/tls';
import type { MicroFigure } from './micro-figure.js';
import { timeEach } from './time-each.js';

const VERSION = '0.1.0';
const TENANT = 'ten_local';

/** Answers at once: what is measured is the way there and back. */
const echo: ServiceImpl<typeof DecryptService> = {
  resolve: async () => ({ vaultId: 'vlt_bench', credentialId: 'crd_bench', credentialVersion: 1 }),
  decrypt: async () => ({ secret: randomBytes(48) }),
  sealState: async ({ plaintext }: { plaintext: Uint8Array }) => ({ sealed: Uint8Array.from(plaintext) }),
  unsealState: async ({ sealed }: { sealed: Uint8Array }) => ({ plaintext: Uint8Array.from(sealed) }),
};

/** A call between two services, in one process and over TCP with mutual TLS (both ends in this process). */
export async function measureCall(count: number): Promise<MicroFigure[]> {
  const registry = new MethodRegistry();
  registry.add(DecryptService, echo);
  const serving = { version: VERSION, logger: createLogger({ service: 'bench', level: 'silent' }) };
  const inProcess = new InProcessTransport(registry, { ...serving, peer: 'proxy' });
  const figures = [await measure('call a service in one process', inProcess, count)];
  const { server, caller } = await certificates();
  const grpc = new GrpcServer(registry, { ...serving, credentials: serverCredentials(server) });
  const port = await grpc.listen('127.0.0.1:0');
  const address = `127.0.0.1:${port}`;
  const transport = new GrpcTransport({
    address,
    credentials: channelCredentials(caller),
    serverName: 'credential-service',
  });
  try {
    return [...figures, await measure('call a service over TCP with mutual TLS', transport, Math.ceil(count / 4))];
  } finally {
    transport.close();
    await grpc.close(1_000);
  }
}

function measure(name: string, transport: Transport, count: number): Promise<MicroFigure> {
  const client = createClient(DecryptService, transport, { version: VERSION });
  const request = {
    tenantId: TENANT,
    sessionId: 'ses_bench',
    connector: 'linear',
    operation: 'linear.viewer',
    host: 'api.linear.app',
  };
  return timeEach({ name, count }, () => client.resolve(request, { tenantId: TENANT }));
}

async function certificates(): Promise<{ server: MutualTls; caller: MutualTls }> {
  const now = new Date();
  const authority = await createPartAuthority({ now });
  const issue = async (part: string): Promise<MutualTls> => ({
    caPem: authority.certificatePem,
    ...(await issuePartCertificate({ authority, part, tenantId: TENANT, hosts: [], now })),
  });
  return { server: await issue('credential-service'), caller: await issue('proxy') };
}
