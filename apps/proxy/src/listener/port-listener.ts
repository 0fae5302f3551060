import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { AileronError } from '@aileron/errors';
import type { ProxyHandlers, SessionIdentity } from '../exchange.js';
import { ByteSource } from '../parse/byte-source.js';
import type { Clock } from '../ports/clock.port.js';
import { terminateTls } from '../tunnel/terminate-tls.js';
import type { UpstreamDialler } from '../upstream/upstream-dialler.js';
import { type PortBounds, PortConnections } from './port-connections.js';
import { RefusalThrottle } from './refusal-throttle.js';
import { serveConnection } from './serve-connection.js';
import { DEFAULT_WIRE_LIMITS, type WireContext, type WireLimits } from './wire-context.js';

export interface PortListenerOptions<S extends SessionIdentity> {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly reusePort: boolean;
  /** Null: in the clear, for loopback. */
  readonly tls: { readonly certificatePem: string; readonly privateKeyPem: string } | null;
  readonly bounds: Omit<PortBounds, 'maxOfSession'>;
  readonly handlers: ProxyHandlers<S>;
  readonly dialler: UpstreamDialler;
  readonly clock: Clock;
  readonly limits?: Partial<WireLimits>;
}

/** A port of every session: whose a connection is, only its token says. */
export interface PortListener {
  readonly host: string;
  readonly port: number;
  /** Open connections. */
  readonly connections: number;
  /** Breaks off the connections of one session. */
  cut(sessionId: string): void;
  /** Takes no new connections; what is open goes on. */
  stopListening(): void;
  /** Stops listening and breaks off what is open. */
  close(): Promise<void>;
}

/** Nobody is known yet: there is no time for a person to think in. */
const FIRST_MS = 10_000;

/** @throws AileronError PORT_IN_USE, CONFIG_INVALID */
export async function openPortListener<S extends SessionIdentity>(
  options: PortListenerOptions<S>,
): Promise<PortListener> {
  const { host, handlers, dialler, clock } = options;
  const limits = { ...DEFAULT_WIRE_LIMITS, ...options.limits };
  const firstMs = Math.min(FIRST_MS, limits.idleMs);
  const connections = new PortConnections({ ...options.bounds, maxOfSession: limits.maxConnections });
  const throttled = throttle(handlers, new RefusalThrottle(clock));
  const secureContext = options.tls === null ? null : secureContextOf(options.tls);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const full = connections.add(socket);
    if (full !== null) throttled.onRefusal(refusedBy(full));
    if (socket.destroyed) return;
    const admit = ({ sessionId }: S) => connections.admit(socket, sessionId);
    const context = { socketSessionId: null, admit, firstMs, handlers: throttled, dialler, limits, clock };
    void serve(socket, context, secureContext);
  });
  const { port } = await listen(server, options);
  return {
    host,
    port,
    get connections() {
      return connections.size;
    },
    cut: (sessionId) => connections.cut(sessionId),
    stopListening: () => void server.close(),
    close: () => closeServer(server, connections),
  };
}

async function serve<S extends SessionIdentity>(
  socket: Socket,
  context: WireContext<S>,
  secureContext: SecureContext | null,
): Promise<void> {
  if (secureContext === null) return await serveConnection(socket, context);
  socket.on('error', () => socket.destroy());
  const timeoutMs = context.limits.handshakeMs;
  const tlsSocket = await terminateTls({ socket, source: new ByteSource(socket), leaf: { secureContext }, timeoutMs });
  if (tlsSocket !== null) await serveConnection(tlsSocket, context);
}

function throttle<S extends SessionIdentity>(handlers: ProxyHandlers<S>, refusals: RefusalThrottle): ProxyHandlers<S> {
  return {
    ...handlers,
    onRefusal: (record) => {
      const error = record.session === null ? refusals.pass(record.error) : record.error;
      if (error !== null) handlers.onRefusal({ ...record, error });
    },
  };
}

const refusedBy = (reason: string) => ({
  session: null,
  socketSessionId: null,
  stage: 'accept' as const,
  host: null,
  port: null,
  error: new AileronError('RATE_LIMITED', { reason }),
});

function secureContextOf({ certificatePem: cert, privateKeyPem: key }: NonNullable<PortListenerOptions<never>['tls']>) {
  try {
    return createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  } catch (cause) {
    const fields = [{ field: 'listen.tls', message: 'is not a certificate with its key' }];
    throw new AileronError('CONFIG_INVALID', { fields }, { cause });
  }
}

function listen(
  server: Server,
  { host, port, reusePort }: { host: string; port: number; reusePort: boolean },
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') return reject(new AileronError('PORT_IN_USE', { host, port }, { cause }));
      const fields = [{ field: 'listen.host', message: 'cannot be listened on' }];
      return reject(new AileronError('CONFIG_INVALID', { host, port, fields }, { cause }));
    });
    server.listen({ host, port, reusePort }, () => {
      server.removeAllListeners('error').on('error', () => undefined);
      resolve(server.address() as AddressInfo);
    });
  });
}

function closeServer(server: Server, connections: PortConnections): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    connections.cutAll();
  });
}
