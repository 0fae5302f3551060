import { AileronError } from '@aileron/errors';
import type { Delivery, EventLog, Fold, StreamPosition } from '@aileron/event-log';
import { WriteCounts } from './write-counts.js';

export interface FollowedStreamsOptions<E, S> {
  readonly log: EventLog<E, S>;
  readonly fold: Fold<E, S>;
  /** Writes that this process has heard of, after which a stream is compacted. */
  readonly compactAfter: number;
  readonly keepEvents: number;
  onFault(stream: string, error: unknown): void;
}

/** Streams that are written past the event log, in the transactions of what they tell of; it serves their readers. */
export class FollowedStreams<E, S> {
  readonly #readers = new Map<string, number>();
  readonly #writes = new WriteCounts();

  constructor(private readonly options: FollowedStreamsOptions<E, S>) {}

  async *attach(
    stream: string,
    from: StreamPosition | null,
    signal: AbortSignal,
  ): AsyncGenerator<Delivery<E, S>, void> {
    this.#readers.set(stream, (this.#readers.get(stream) ?? 0) + 1);
    try {
      // Nobody told the log of what was written while the stream had no reader.
      await this.options.log.refresh(stream);
      yield* this.options.log.attach(stream, from, signal);
    } finally {
      const left = (this.#readers.get(stream) ?? 1) - 1;
      if (left > 0) this.#readers.set(stream, left);
      else this.#readers.delete(stream);
    }
  }

  /** Somebody has written to the stream, or removed it. */
  written(stream: string, removed = false): void {
    if (this.#readers.has(stream)) this.#refresh(stream);
    if (removed) this.#writes.forget(stream);
    else if (this.#writes.add(stream) % this.options.compactAfter === 0) this.#compact(stream);
  }

  refreshAll(): void {
    for (const stream of this.#readers.keys()) this.#refresh(stream);
  }

  close(): Promise<void> {
    return this.options.log.close();
  }

  #refresh(stream: string): void {
    void this.options.log.refresh(stream).catch((error: unknown) => this.#fault(stream, error));
  }

  /** Of several managers that do it at once, one has an effect. */
  #compact(stream: string): void {
    const { log, fold, keepEvents } = this.options;
    void log
      .refresh(stream)
      .then(() => log.compact(stream, fold, { keepEvents }))
      .catch((error: unknown) => this.#fault(stream, error));
  }

  #fault(stream: string, error: unknown): void {
    if (!AileronError.is(error, 'NOT_FOUND')) this.options.onFault(stream, error);
  }
}
