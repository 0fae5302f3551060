import { type RefusalRecord, type SessionIdentity } from '../exchange.js';
import { type Clock } from '../ports/clock.port.js';

export interface RefusalTallyOptions<S extends SessionIdentity> {
  readonly clock: Clock;
  /** Puts on record that this was refused so many times. */
  readonly record: (refusal: RefusalRecord<S>, count: number) => void;
}

/** Records at once, and one more each second. */
const BURST = 20;
const EVERY_MS = 1_000;
/** Named in one window; those beyond are one number. */
const MOST_HOSTS = 50;

interface Counted<S extends SessionIdentity> {
  readonly refusal: RefusalRecord<S>;
  /** Not on record yet. */
  count: number;
}

/**
 * What the firewall refused one session since the last window: the first refusal of a host is on record at once, those
 * that follow are counted, and their number is on record when the window closes. An agent that hammers cannot fill the
 * log, and no refusal is missing in the sum.
 */
class SessionTally<S extends SessionIdentity> {
  readonly #hosts = new Map<string, Counted<S>>();
  #further: Counted<S> | null = null;
  #left = BURST;
  #filledAt: number;

  constructor(private readonly options: RefusalTallyOptions<S>) {
    this.#filledAt = options.clock.now();
  }

  count(refusal: RefusalRecord<S>): void {
    const known = this.#hosts.get(refusal.host ?? '');
    if (known !== undefined) known.count += 1;
    else if (this.#hosts.size >= MOST_HOSTS) this.#countFurther(refusal);
    else this.#hosts.set(refusal.host ?? '', { refusal, count: this.#recordNow(refusal) ? 0 : 1 });
  }

  /** @returns whether nothing is remembered any more, so that it can be forgotten */
  closeWindow(): boolean {
    const empty = this.#hosts.size === 0;
    for (const { refusal, count } of this.#hosts.values()) if (count > 0) this.options.record(refusal, count);
    if (this.#further !== null) this.options.record(this.#further.refusal, this.#further.count);
    this.#hosts.clear();
    this.#further = null;
    return empty;
  }

  #countFurther(refusal: RefusalRecord<S>): void {
    this.#further ??= { refusal: { ...refusal, host: null, port: null }, count: 0 };
    this.#further.count += 1;
  }

  #recordNow(refusal: RefusalRecord<S>): boolean {
    const filled = Math.floor((this.options.clock.now() - this.#filledAt) / EVERY_MS);
    if (filled > 0) {
      this.#left = Math.min(BURST, this.#left + filled);
      this.#filledAt += filled * EVERY_MS;
    }
    if (this.#left === 0) return false;
    this.#left -= 1;
    this.options.record(refusal, 1);
    return true;
  }
}

/** Of all sessions. Whoever has it closes the windows from time to time. */
export class RefusalTally<S extends SessionIdentity> {
  readonly #sessions = new Map<string, SessionTally<S>>();

  constructor(private readonly options: RefusalTallyOptions<S>) {}

  count(refusal: RefusalRecord<S> & { readonly session: S }): void {
    const { sessionId } = refusal.session;
    const tally = this.#sessions.get(sessionId) ?? new SessionTally(this.options);
    this.#sessions.set(sessionId, tally);
    tally.count(refusal);
  }

  closeWindows(): void {
    for (const sessionId of this.#sessions.keys()) this.closeWindow(sessionId);
  }

  closeWindow(sessionId: string): void {
    if (this.#sessions.get(sessionId)?.closeWindow() === true) this.#sessions.delete(sessionId);
  }
}
