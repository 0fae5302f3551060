import { Inject, Injectable } from '@nestjs/common';
import { type Timer, TIMER } from '../ports/timer.js';

/**
 * Tells waiters in this process that something may have changed. Level-based: a waiter reads the state itself, after it
 * subscribed, so a change in between is never lost and two changes can be one wake-up.
 */
@Injectable()
export class ChangeSignal {
  readonly #subscriptions = new Map<string, Set<Subscription>>();

  constructor(@Inject(TIMER) private readonly timer: Timer) {}

  /** Subscribe before the first read. Close it in a `finally`. */
  subscribe(...topics: string[]): Subscription {
    const subscription = new Subscription(this.timer, () => this.#remove(topics, subscription));
    for (const topic of topics) {
      const known = this.#subscriptions.get(topic);
      if (known === undefined) this.#subscriptions.set(topic, new Set([subscription]));
      else known.add(subscription);
    }
    return subscription;
  }

  notify(...topics: string[]): void {
    for (const topic of topics) for (const each of this.#subscriptions.get(topic) ?? []) each.wake();
  }

  #remove(topics: readonly string[], subscription: Subscription): void {
    for (const topic of topics) {
      const known = this.#subscriptions.get(topic);
      known?.delete(subscription);
      if (known?.size === 0) this.#subscriptions.delete(topic);
    }
  }
}

export class Subscription {
  #changed = false;
  #wake: (() => void) | null = null;

  constructor(
    private readonly timer: Timer,
    readonly close: () => void,
  ) {}

  wake(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Until the next change, the end of the time or the signal, whichever is first. */
  async next(input: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<void> {
    const { timeoutMs, signal } = input;
    if (!this.#changed && signal?.aborted !== true && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const done = () => {
          cancel();
          signal?.removeEventListener('abort', done);
          this.#wake = null;
          resolve();
        };
        const cancel = this.timer.after(timeoutMs, done);
        signal?.addEventListener('abort', done);
        this.#wake = done;
      });
    }
    this.#changed = false;
  }
}
