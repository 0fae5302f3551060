import type { Socket } from 'node:net';
import type { BrowserSessions } from './browser-sessions.js';

const LOOK_EVERY_MS = 15_000;

/** The connections that a session opened end with it: also a terminal or a stream that has long been judged. */
export class SessionConnections {
  readonly #open = new Map<Socket, string>();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly sessions: Pick<BrowserSessions, 'isAlive'>) {
    this.#timer = setInterval(() => this.cut(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** From now on the socket is of this session, until it closes. */
  keep(socket: Socket, sessionId: string): void {
    if (!this.#open.has(socket)) socket.once('close', () => this.#open.delete(socket));
    this.#open.set(socket, sessionId);
  }

  /** Ends what belongs to a session that is over, but for the socket that is told so. */
  cut(told?: Socket): void {
    for (const [socket, sessionId] of this.#open) {
      if (socket !== told && !this.sessions.isAlive(sessionId)) socket.destroy();
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
