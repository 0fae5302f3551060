import { randomBytes } from 'node:crypto';
import { hashToken } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import type { Clock } from '@aileron/service-host';
import type { SessionStore } from './session-file.js';

const CODE_LIVES_MS = 10 * 60_000;
const SESSION_LIVES_MS = 12 * 3_600_000;
const MOST_CODES = 16;
const MOST_SESSIONS = 256;

/**
 * Who entered by a one-time link, while login is off. Codes and session ids are 32 random bytes, and kept as digests. A
 * session outlives the process where there is a store; a code does not, and so is never good twice.
 */
export class BrowserSessions {
  readonly #codes = new Map<string, number>();
  readonly #sessions: Map<string, number>;

  constructor(
    private readonly clock: Clock,
    private readonly store: SessionStore | null = null,
  ) {
    // A clock that was wrong makes no session longer than one lives.
    const latest = clock.now() + SESSION_LIVES_MS;
    this.#sessions = new Map([...(store?.read() ?? [])].filter(([, expiresAt]) => expiresAt <= latest));
  }

  /** A code for one link, good for ten minutes and once. */
  createCode(): string {
    return this.#issue(this.#codes, { livesMs: CODE_LIVES_MS, most: MOST_CODES });
  }

  /** A browser's session for a code. @throws AileronError UNAUTHENTICATED: unknown, used or old; HOME_UNWRITABLE */
  enter(code: string): { readonly sessionId: string; readonly maxAgeSeconds: number } {
    const key = digest(code);
    const expiresAt = this.#codes.get(key);
    this.#codes.delete(key);
    if (expiresAt === undefined || expiresAt <= this.clock.now()) throw new AileronError('UNAUTHENTICATED');
    const sessionId = this.#issue(this.#sessions, { livesMs: SESSION_LIVES_MS, most: MOST_SESSIONS });
    this.store?.write(this.#sessions);
    return { sessionId, maxAgeSeconds: SESSION_LIVES_MS / 1_000 };
  }

  isAlive(sessionId: string): boolean {
    return (this.#sessions.get(digest(sessionId)) ?? 0) > this.clock.now();
  }

  /** It is over, and stays so after a restart. @throws AileronError HOME_UNWRITABLE */
  leave(sessionId: string): void {
    if (this.#sessions.delete(digest(sessionId))) this.store?.write(this.#sessions);
  }

  /** What is over is forgotten first, then the oldest. */
  #issue(issued: Map<string, number>, { livesMs, most }: { livesMs: number; most: number }): string {
    const now = this.clock.now();
    for (const [key, expiresAt] of issued) if (expiresAt <= now || issued.size >= most) issued.delete(key);
    const value = randomBytes(32).toString('base64url');
    issued.set(digest(value), now + livesMs);
    return value;
  }
}

/** Looked up by digest: how long a look takes says nothing about the value. */
const digest = (value: string): string => Buffer.from(hashToken(value)).toString('base64url');
