import { Inject, Injectable } from '@nestjs/common';
import { type Timer, TIMER } from '../ports/timer.js';

/**
 * Tells waiters that something may have changed. Level-based: a waiter reads the state itself, after it
 * subscribed, so a change in between is never lost and two changes can be one wake-up.
 */
@Injectable()
export class ChangeSignal {
  /** How other processes hear of it; null: they do not. */
  tellOthers: ((topics: readonly string[]) => void) | null = null;
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

  /** Tells everybody who waits for one of these, in other processes too. */
  notify(...topics: string[]): void {
    this.wake(...topics);
    this.tellOthers?.(topics);
  }

  /** Everybody looks. */
  wakeAll(): void {
    this.wake(...this.#subscriptions.keys());
  }

  wake(...topics: string[]): void {
    for (const topic of topics) for (const each of this.#subscriptions.get(topic) ?? []) each.wake(topic);
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
  #changed = new Set<string>();
  #wake: (() => void) | null = null;

  constructor(
    private readonly timer: Timer,
    readonly close: () => void,
  ) {}

  wake(topic: string): void {
    this.#changed.add(topic);
    this.#wake?.();
  }

  /** Until the next change, the end of the time or the signal, whichever is first. @returns the topics of the changes */
  async next(input: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<ReadonlySet<string>> {
    const { timeoutMs, signal } = input;
    if (this.#changed.size === 0 && signal?.aborted !== true && timeoutMs > 0) {
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
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}
