import type { Clock } from '@aileron/service-host';
import type { Timer } from './ports/timer.js';

/** A clock and its timers, that stand until they are told to move. */
export class FakeTime implements Clock, Timer {
  #now = Date.parse('2026-11-21T08:00:00Z');
  readonly #timers = new Map<object, { at: number; work: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, work: () => void): () => void {
    const handle = {};
    this.#timers.set(handle, { at: this.#now + milliseconds, work });
    return () => this.#timers.delete(handle);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [handle, timer] of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(handle);
      timer.work();
    }
  }
}
