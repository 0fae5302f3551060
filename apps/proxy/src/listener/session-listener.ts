import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { ProxyHandlers, SessionIdentity } from '../exchange.js';
import type { Clock } from '../ports/clock.port.js';
import type { UpstreamDialler } from '../upstream/upstream-dialler.js';
import { serveConnection } from './serve-connection.js';
import { prepareSocketPath } from './socket-path.js';
import { DEFAULT_WIRE_LIMITS, type WireContext, type WireLimits } from './wire-context.js';

export interface SessionListenerOptions<S extends SessionIdentity> {
  /** Of the Unix socket, at most 107 bytes. Its folder is made with mode 0700. */
  readonly path: string;
  readonly sessionId: string;
  readonly handlers: ProxyHandlers<S>;
  readonly dialler: UpstreamDialler;
  readonly clock: Clock;
  readonly limits?: Partial<WireLimits>;
  /** 0600 unless the sandbox runs as another user. */
  readonly socketMode?: number;
}

/** The socket of one session: the only way out of its sandbox. */
export interface SessionListener {
  readonly path: string;
  /** Open connections. */
  readonly connections: number;
  /** Breaks off every tunnel and stream at once; new ones may come (and be judged anew). */
  cut(): void;
  /** Stops listening, breaks off what is open, removes the socket. */
  close(): Promise<void>;
}

/** @throws AileronError HOME_PATH_TOO_LONG, PORT_IN_USE, CONFLICT */
export async function openSessionListener<S extends SessionIdentity>(
  options: SessionListenerOptions<S>,
): Promise<SessionListener> {
  const { path, sessionId, handlers, dialler, clock } = options;
  const limits = { ...DEFAULT_WIRE_LIMITS, ...options.limits };
  const whose = { socketSessionId: sessionId, admit, firstMs: limits.idleMs };
  const context: WireContext<S> = { ...whose, handlers, dialler, limits, clock };
  await prepareSocketPath(path);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void serveConnection(socket, context);
  });
  server.maxConnections = limits.maxConnections;
  await listen(server, path);
  await chmod(path, options.socketMode ?? 0o600);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    dialler.closeSession(sessionId);
  };
  return {
    path,
    get connections() {
      return sockets.size;
    },
    cut,
    close: () => closeServer(server, cut),
  };
}

/** The socket has one session, and a bound of its own. */
const admit = (): void => undefined;

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    cut();
  });
}
