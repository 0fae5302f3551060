import type { TLSSocket } from 'node:tls';
import { UpstreamConnection } from './upstream-connection.js';

/** As many as a session has calls side by side: one more costs a TLS handshake each time, which is more than the call. */
const MAX_IDLE_PER_KEY = 64;
const MAX_IDLE = 1_024;

interface Idle {
  readonly connection: UpstreamConnection;
  readonly timer: NodeJS.Timeout;
}

/** Idle connections by key, the last used first; and which connections belong to which session. */
export class ConnectionPool {
  readonly #idle = new Map<string, Idle[]>();
  readonly #sessions = new Map<string, Set<UpstreamConnection>>();
  #idleCount = 0;

  take(key: string): UpstreamConnection | null {
    for (;;) {
      const entry = this.#idle.get(key)?.at(-1);
      if (entry === undefined) return null;
      this.#remove(entry.connection);
      if (entry.connection.usable) return entry.connection;
      entry.connection.destroy();
    }
  }

  adopt(input: {
    readonly socket: TLSSocket;
    readonly key: string;
    readonly address: string;
    readonly sessionId: string;
  }): UpstreamConnection {
    const { socket, key, address, sessionId } = input;
    const connection = new UpstreamConnection(socket, key, address, (done, idleMs) => this.#done(done, idleMs));
    const ofSession = this.#sessions.get(sessionId) ?? new Set();
    this.#sessions.set(sessionId, ofSession.add(connection));
    socket.once('close', () => {
      this.#remove(connection);
      ofSession.delete(connection);
      if (ofSession.size === 0 && this.#sessions.get(sessionId) === ofSession) this.#sessions.delete(sessionId);
    });
    return connection;
  }

  /** null: all sessions. */
  closeSession(sessionId: string | null): void {
    const sets = sessionId === null ? [...this.#sessions.values()] : [this.#sessions.get(sessionId) ?? new Set()];
    for (const connections of sets) for (const connection of connections) connection.destroy();
  }

  #done(connection: UpstreamConnection, idleMs: number | null): void {
    if (idleMs === null) return this.#remove(connection);
    const list = this.#idle.get(connection.key) ?? [];
    if (idleMs === 0 || list.length >= MAX_IDLE_PER_KEY || this.#idleCount >= MAX_IDLE) return connection.destroy();
    const timer = setTimeout(() => connection.destroy(), idleMs).unref();
    this.#idle.set(connection.key, [...list, { connection, timer }]);
    this.#idleCount += 1;
  }

  #remove(connection: UpstreamConnection): void {
    const list = this.#idle.get(connection.key);
    const entry = list?.find((each) => each.connection === connection);
    if (list === undefined || entry === undefined) return;
    clearTimeout(entry.timer);
    this.#idleCount -= 1;
    const rest = list.filter((each) => each !== entry);
    if (rest.length === 0) this.#idle.delete(connection.key);
    else this.#idle.set(connection.key, rest);
  }
}
