import { AileronError } from '@aileron/errors';
import { type Clock } from '../ports/clock.port.js';

/**
 * Whether the management plane was heard recently enough to go on. Before the first snapshot, and once it was silent for
 * longer than the lease, nothing passes.
 */
export class ServingLease {
  readonly #clock: Clock;
  #until = Number.NEGATIVE_INFINITY;
  #leaseMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A snapshot came: what follows renews for this long. More than a minute is not believed. */
  begin(leaseSeconds: number): void {
    this.#leaseMs = Math.min(Math.max(leaseSeconds, 1), 60) * 1_000;
    this.renew();
  }

  renew(): void {
    this.#until = this.#clock.now() + this.#leaseMs;
  }

  get alive(): boolean {
    return this.#clock.now() < this.#until;
  }

  /** ENFORCEMENT_UNAVAILABLE once it ran out. */
  assertAlive(): void {
    if (!this.alive) throw new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'management-plane-silent' });
  }
}
