import type { StreamPosition } from '@aileron/contracts/streams';
import { AileronError } from '@aileron/errors';
import type { OpenStream } from './open-stream.js';
import type { StoredPage } from './stream-storage.port.js';

/** Where appended events ended up: consecutive, the first and the last number. */
export interface Appended {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

interface Waiting {
  readonly entries: readonly Uint8Array[];
  readonly bytes: number;
  readonly settle: PromiseWithResolvers<Appended>;
}

/** `unknown`: that part of the stream is gone by now. To store the entries again could double them. */
type Found = 'these' | 'others' | 'nothing' | 'unknown';

interface Attempt {
  /** Where a call that failed may have stored the entries. */
  doubtful: StreamPosition | null;
  readonly faults: unknown[];
}

/** Others may be first so often; */
const MAX_TRIES = 16;
/** the storage may fail so often. */
const MAX_FAULTS = 3;
const MAX_BATCH_ENTRIES = 4_096;

const sizeOf = (entries: readonly Uint8Array[]): number =>
  entries.reduce((total, { byteLength }) => total + byteLength, 0);

/** Stores what is appended to a stream in the order of the calls, as much at once as has come together. */
export class AppendQueue<E, S> {
  readonly #stream: OpenStream<E, S>;
  #waiting: Waiting[] = [];
  #pendingBytes = 0;
  #scheduled = false;
  /** Bytes stored since the base moved, as far as this process knows. */
  tailBytes = 0;

  constructor(stream: OpenStream<E, S>) {
    this.#stream = stream;
  }

  /** Resolves when the entries are stored, and not before. RATE_LIMITED when too much waits already. */
  add(entries: readonly Uint8Array[]): Promise<Appended> {
    const bytes = sizeOf(entries);
    const { maxPendingBytes } = this.#stream.context.limits;
    if (this.#pendingBytes + bytes > maxPendingBytes) {
      return Promise.reject(new AileronError('RATE_LIMITED', { limitBytes: maxPendingBytes }));
    }
    const settle = Promise.withResolvers<Appended>();
    this.#pendingBytes += bytes;
    this.#waiting.push({ entries, bytes, settle });
    this.#schedule();
    return settle.promise;
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    void this.#stream.exclusively(async () => {
      this.#scheduled = false;
      await this.#flush(this.#take());
      this.#schedule();
    });
  }

  #take(): Waiting[] {
    let entries = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      entries += waiting.entries.length;
      return index > 0 && entries > MAX_BATCH_ENTRIES;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #flush(batch: readonly Waiting[]): Promise<void> {
    const entries = batch.flatMap((waiting) => waiting.entries);
    try {
      const at = await this.#store(entries);
      let seq = at.seq;
      for (const { settle, entries: own } of batch) {
        settle.resolve({ epoch: at.epoch, firstSeq: seq + 1, lastSeq: seq + own.length });
        seq += own.length;
      }
    } catch (error) {
      for (const { settle } of batch) settle.reject(error);
    } finally {
      for (const { bytes } of batch) this.#pendingBytes -= bytes;
    }
  }

  /**
   * Stores entries once. When a call fails, what became of it is looked up before it is repeated; and it is repeated at
   * the same place as long as that is free, so that a late arrival and its repetition cannot both count.
   */
  async #store(entries: readonly Uint8Array[]): Promise<StreamPosition> {
    const stream = this.#stream;
    const attempt: Attempt = { doubtful: null, faults: [] };
    for (let tries = 0; tries < MAX_TRIES && attempt.faults.length < MAX_FAULTS; tries += 1) {
      if (stream.ended !== null) break;
      try {
        const at = await this.#tryToStore(entries, attempt, tries > 0);
        if (at === 'unknown') break;
        if (at !== null) return at;
      } catch (error) {
        attempt.faults.push(error);
      }
    }
    throw AileronError.from(attempt.faults.at(-1) ?? new AileronError('UNAVAILABLE', { reason: 'event-stream' }));
  }

  /** The place after which the entries are now; null when others were first. */
  async #tryToStore(
    entries: readonly Uint8Array[],
    attempt: Attempt,
    again: boolean,
  ): Promise<StreamPosition | 'unknown' | null> {
    const stream = this.#stream;
    const found = attempt.doubtful === null ? 'others' : await this.#lookUp(attempt.doubtful, entries);
    if (found === 'unknown') return found;
    if (found === 'these' && attempt.doubtful !== null) return this.#stored(attempt.doubtful, entries);
    if (found === 'others') {
      attempt.doubtful = null;
      if (again) await stream.reload();
    }
    const at = attempt.doubtful ?? stream.end;
    const stored = await stream.write(at, entries).catch((error: unknown) => {
      attempt.doubtful = at;
      throw error;
    });
    return stored ? this.#stored(at, entries) : null;
  }

  #stored(at: StreamPosition, entries: readonly Uint8Array[]): StreamPosition {
    this.#stream.advance(at, entries);
    this.tailBytes += sizeOf(entries);
    return at;
  }

  /** What the stream has after a place where these entries may have been stored, whole or not at all. */
  async #lookUp(at: StreamPosition, entries: readonly Uint8Array[]): Promise<Found> {
    for (let compared = 0; compared < entries.length;) {
      const page: StoredPage | null = await this.#stream.read(at.seq + compared, entries.length - compared);
      if (page?.head.epoch !== at.epoch || page.head.baseSeq > at.seq) return 'unknown';
      if (page.entries.length === 0) return compared === 0 ? 'nothing' : 'others';
      if (!page.entries.every((entry, index) => sameBytes(entry, entries[compared + index]))) return 'others';
      compared += page.entries.length;
    }
    return 'these';
  }
}

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.byteLength === other?.byteLength && one.every((byte, index) => byte === other[index]);
}
