import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { TestAuthority, type CertificateOptions } from './test-authority.js';
import { closeServer, listen, trackSockets } from './upstream-server.js';

/** A TLS server whose answers are bytes: to be as wrong as a test needs. */
export interface RawUpstream {
  readonly host: string;
  readonly port: number;
  readonly caPem: string;
  /** What came in, one entry a connection. */
  readonly received: readonly Buffer[];
  /** TCP connections accepted. */
  connections(): number;
  close(): Promise<void>;
}

export interface RawUpstreamOptions extends CertificateOptions {
  /** The name of the certificate, where it should be another than the host's. */
  readonly certificateHost?: string;
  /** Runs for each connection when TLS is up; `data` events of the socket are there for it too. */
  readonly onConnection: (socket: TLSSocket) => void;
}

export async function startRawUpstream(host: string, options: RawUpstreamOptions): Promise<RawUpstream> {
  const authority = await TestAuthority.create(`Aileron raw upstream ${host}`);
  const certificate = await authority.issue([options.certificateHost ?? host], options);
  const received: Buffer[] = [];
  const state = { connections: 0 };
  const server = createServer({ ...certificate, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const index = received.push(Buffer.alloc(0)) - 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received[index] = Buffer.concat([received[index] ?? Buffer.alloc(0), chunk]);
    });
    options.onConnection(socket);
  });
  const sockets: Set<Socket> = trackSockets(server, state);
  const port = await listen(server);
  return {
    host,
    port,
    caPem: authority.certificatePem,
    received,
    connections: () => state.connections,
    close: () => closeServer(server, sockets),
  };
}
