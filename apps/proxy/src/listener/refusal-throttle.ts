import { AileronError } from '@aileron/errors';
import type { Clock } from '../ports/clock.port.js';

/** Records at once, and one more each second. */
const BURST = 20;
const EVERY_MS = 1_000;

/**
 * Refusals of those who showed no token are on record, but they cannot fill the log: what is beyond the rate is counted,
 * and the next record says how many there were.
 */
export class RefusalThrottle {
  #left = BURST;
  #filledAt: number;
  #unsaid = 0;

  constructor(private readonly clock: Clock) {
    this.#filledAt = clock.now();
  }

  /** What to record of this refusal; null: counted only. */
  pass(error: AileronError): AileronError | null {
    const filled = Math.floor((this.clock.now() - this.#filledAt) / EVERY_MS);
    if (filled > 0) {
      this.#left = Math.min(BURST, this.#left + filled);
      this.#filledAt += filled * EVERY_MS;
    }
    if (this.#left === 0) {
      this.#unsaid += 1;
      return null;
    }
    this.#left -= 1;
    if (this.#unsaid === 0) return error;
    const { reason: why } = error.details;
    const reason = `${typeof why === 'string' ? why : 'not authenticated'}; ${this.#unsaid} more before it`;
    this.#unsaid = 0;
    return new AileronError(error.code, { ...error.details, reason });
  }
}
