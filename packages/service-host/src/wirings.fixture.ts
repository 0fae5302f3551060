// The same services on every wiring, for the conformance suite.
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@aileron/telemetry';
import { CertificateAuthority } from './certificates.fixture.js';
import { GrpcServer } from './grpc-server.js';
import { GrpcTransport } from './grpc-transport.js';
import { InProcessTransport } from './in-process-transport.js';
import type { MethodRegistry } from './method-registry.js';
import { channelCredentials, serverCredentials } from './mutual-tls.js';
import type { Transport } from './transport.js';

export const VERSION = '0.1.0';

export interface Wiring {
  readonly transport: Transport;
  /** What the transport proves of the caller. */
  readonly peer: string;
  close(): Promise<void>;
}

/** What the serving side logs. */
export class LogLines {
  readonly lines: string[] = [];
  readonly logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => void this.lines.push(line) },
  });
  text = () => this.lines.join('');
}

/** A folder that is its owner's alone, with a path short enough for a socket. */
export const socketPath = (): string => join(mkdtempSync(join(tmpdir(), 's-')), `${randomUUID().slice(0, 8)}.sock`);

type Wire = (registry: MethodRegistry, log: LogLines) => Promise<Wiring>;

async function overGrpc(
  server: GrpcServer,
  address: string,
  connect: (port: number) => GrpcTransport,
  peer: string,
): Promise<Wiring> {
  const transport = connect(await server.listen(address));
  return {
    transport,
    peer,
    close: async () => {
      transport.close();
      await server.close(1_000);
    },
  };
}

export const wirings: Readonly<Record<string, Wire>> = {
  'in one process': async (registry, { logger }) => ({
    transport: new InProcessTransport(registry, { version: VERSION, logger, peer: 'caller' }),
    peer: 'caller',
    close: async () => undefined,
  }),
  'over gRPC with mutual TLS': async (registry, { logger }) => {
    const ca = await CertificateAuthority.create();
    const server = new GrpcServer(registry, {
      version: VERSION,
      logger,
      credentials: serverCredentials(await ca.issue('server')),
    });
    const credentials = channelCredentials(await ca.issue('caller'));
    const connect = (port: number) =>
      new GrpcTransport({ address: `127.0.0.1:${port}`, credentials, serverName: 'server' });
    return overGrpc(server, '127.0.0.1:0', connect, 'caller');
  },
  'over gRPC on a Unix socket': async (registry, { logger }) => {
    const address = `unix:${socketPath()}`;
    return overGrpc(
      new GrpcServer(registry, { version: VERSION, logger }),
      address,
      () => new GrpcTransport({ address }),
      'unproved',
    );
  },
};
