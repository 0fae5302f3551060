import type { Duplex } from 'node:stream';
import { AileronError } from '@aileron/errors';
import { type RefusalRecord } from '../exchange.js';
import { type Clock } from '../ports/clock.port.js';
import { type CallRecorder } from '../record/call-recorder.js';
import { type LiveSession } from '../sessions/live-session.js';
import { assertReachable, type OwnedHosts } from './assert-reachable.js';
import { OpenTunnels } from './open-tunnels.js';
import { RefusalTally } from './refusal-tally.js';

/** How late a number in the log can be. */
const WINDOW_MS = 15_000;

export interface FirewallParts {
  /** Of the connectors in force. @throws AileronError ENFORCEMENT_UNAVAILABLE */
  readonly owned: () => OwnedHosts;
  readonly records: Pick<CallRecorder, 'wireRefusal'>;
  readonly clock: Clock;
  /** Hears that tunnels were cut. */
  readonly onCut: (session: LiveSession, tunnels: number) => void;
}

/** What workspaces' sessions may reach: asked at every CONNECT and request, and again whenever their settings change. */
export class Firewall {
  readonly #parts: FirewallParts;
  readonly #tunnels = new OpenTunnels<LiveSession>();
  readonly #refused: RefusalTally<LiveSession>;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: FirewallParts) {
    this.#parts = parts;
    const { clock, records } = parts;
    this.#refused = new RefusalTally({
      clock,
      record: (refusal, count) => void records.wireRefusal(refusal, count),
    });
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#refused.closeWindows(), WINDOW_MS);
    this.#timer.unref();
  }

  /** @throws AileronError FIREWALL_REFUSED */
  assertAllows(session: LiveSession, host: string): void {
    assertReachable(session, host, this.#parts.owned());
  }

  /** A CONNECT that is about to be answered 200: the settings may have changed since it was allowed. */
  onTunnel(session: LiveSession, host: string, socket: Duplex): void {
    this.assertAllows(session, host);
    this.#tunnels.add(session, host, socket);
  }

  /** Settings changed: what is open and would not be allowed any more is cut. */
  recheck(session: LiveSession): void {
    const cut = this.#tunnels.cut(session, (host) => this.#allows(session, host));
    if (cut > 0) this.#parts.onCut(session, cut);
  }

  #allows(session: LiveSession, host: string): boolean {
    try {
      this.assertAllows(session, host);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes a refusal of its own to count it. @returns whether it was one */
  counts(record: RefusalRecord<LiveSession>): boolean {
    const { session, error } = record;
    if (session === null || !AileronError.is(error, 'FIREWALL_REFUSED')) return false;
    this.#refused.count({ ...record, session });
    return true;
  }

  /** Puts on record what was only counted so far, of one session. */
  settle(sessionId: string): void {
    this.#refused.closeWindow(sessionId);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#refused.closeWindows();
  }
}
