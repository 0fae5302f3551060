import type { Socket } from 'node:net';
import { AileronError } from '@aileron/errors';

export interface PortBounds {
  /** At one time, over all sessions. */
  readonly maxConnections: number;
  /** Before they showed a token. */
  readonly maxUnauthenticated: number;
  /** Of one session. */
  readonly maxOfSession: number;
}

/** The open connections of the port, and whose they are as far as it is known. */
export class PortConnections {
  readonly #bounds: PortBounds;
  readonly #all = new Map<Socket, string | null>();
  readonly #unknown = new Set<Socket>();
  readonly #ofSession = new Map<string, Set<Socket>>();

  constructor(bounds: PortBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#all.size;
  }

  get unauthenticated(): number {
    return this.#unknown.size;
  }

  /**
   * Takes a new one in. Who says nothing makes room for who comes: of too many that showed no token the oldest goes.
   * @returns what made something go, and null when nothing had to
   */
  add(socket: Socket): 'connections' | 'unauthenticated' | null {
    if (this.#all.size >= this.#bounds.maxConnections) {
      socket.destroy();
      return 'connections';
    }
    const [oldest] = this.#unknown;
    const full = oldest !== undefined && this.#unknown.size >= this.#bounds.maxUnauthenticated;
    if (full) {
      this.#forget(oldest);
      oldest.destroy();
    }
    this.#all.set(socket, null);
    this.#unknown.add(socket);
    socket.once('close', () => this.#forget(socket));
    return full ? 'unauthenticated' : null;
  }

  /** @throws AileronError RATE_LIMITED when the session has as many as it may */
  admit(socket: Socket, sessionId: string): void {
    if (!this.#all.has(socket) || this.#all.get(socket) === sessionId) return;
    const own = this.#ofSession.get(sessionId) ?? new Set();
    const limit = this.#bounds.maxOfSession;
    if (own.size >= limit) throw new AileronError('RATE_LIMITED', { reason: 'connections of this session', limit });
    this.#unknown.delete(socket);
    this.#leave(socket);
    this.#all.set(socket, sessionId);
    this.#ofSession.set(sessionId, own.add(socket));
  }

  /** Breaks off every connection of a session. */
  cut(sessionId: string): void {
    for (const socket of this.#ofSession.get(sessionId) ?? []) socket.destroy();
  }

  cutAll(): void {
    for (const socket of this.#all.keys()) socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#leave(socket);
    this.#unknown.delete(socket);
    this.#all.delete(socket);
  }

  #leave(socket: Socket): void {
    const sessionId = this.#all.get(socket) ?? null;
    const own = sessionId === null ? undefined : this.#ofSession.get(sessionId);
    if (sessionId === null || own === undefined) return;
    own.delete(socket);
    if (own.size === 0) this.#ofSession.delete(sessionId);
  }
}
