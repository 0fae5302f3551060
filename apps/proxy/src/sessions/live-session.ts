import { timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type SessionIdentity } from '../exchange.js';
import { CompiledFirewall } from '../firewall/compiled-firewall.js';
import { type SessionInfo } from '../ports/data-plane.port.js';
import { sha256 } from '../record/sha256.js';
import { Roster, type Seat } from '../roster.js';
import { type SessionAuthority } from './session-authority.js';

/** A session that this proxy serves. */
export class LiveSession implements SessionIdentity {
  readonly #ended = new AbortController();
  readonly #listeners = new Roster<() => void>();
  #info: SessionInfo;
  #firewall: CompiledFirewall | null;

  constructor(
    info: SessionInfo,
    readonly authority: SessionAuthority,
    /** Mounted into the sandbox: `proxy.sock` and `ca.pem`. */
    readonly runtimeDirectory: string,
  ) {
    this.#info = info;
    this.#firewall = info.firewall && new CompiledFirewall(info.firewall);
  }

  /** null: it is not bounded by one. */
  get firewall(): CompiledFirewall | null {
    return this.#firewall;
  }

  get tenantId(): string {
    return this.#info.tenantId;
  }

  get sessionId(): string {
    return this.#info.sessionId;
  }

  get info(): SessionInfo {
    return this.#info;
  }

  /** Aborts when the session ends. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  get ended(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Calls back when the session ends, at once when it has. For every call: a signal's listener costs ten times as much. */
  onEnd(listener: () => void): Seat<() => void> | null {
    if (!this.ended) return this.#listeners.enter(listener);
    listener();
    return null;
  }

  /** What `onEnd` gave. */
  offEnd(seat: Seat<() => void> | null): void {
    if (seat !== null) this.#listeners.leave(seat);
  }

  /** Later news of the same session. @returns whether what it may reach changed */
  learn(info: SessionInfo): boolean {
    const changed = !isDeepStrictEqual(info.firewall, this.#info.firewall);
    this.#info = info;
    if (changed) this.#firewall = info.firewall && new CompiledFirewall(info.firewall);
    return changed;
  }

  /** In constant time. */
  hasToken(token: string): boolean {
    const expected = this.#info.agentTokenSha256;
    const given = sha256(Buffer.from(token, 'utf8'));
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  end(): void {
    this.#ended.abort();
    for (const listener of this.#listeners) listener();
  }
}
