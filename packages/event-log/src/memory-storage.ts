import type { StreamPosition } from '@aileron/contracts/streams';
import { takePage } from './recent-entries.js';
import type {
  BaseChange,
  StoredBase,
  StoredHead,
  StoredPage,
  StoredRange,
  StreamStorage,
} from './stream-storage.port.js';

interface MemoryStream {
  readonly epoch: string;
  readonly base: StoredBase;
  readonly entries: Uint8Array[];
}

const headOf = ({ epoch, base, entries }: MemoryStream): StoredHead => ({
  epoch,
  baseSeq: base.seq,
  lastSeq: base.seq + entries.length,
});

/** Streams that live as long as the process: after it they begin a new epoch. */
export class MemoryStorage implements StreamStorage {
  readonly #streams = new Map<string, MemoryStream>();

  async read(name: string, range: StoredRange, signal: AbortSignal): Promise<StoredPage | null> {
    signal.throwIfAborted();
    const stream = this.#streams.get(name);
    if (stream === undefined) return null;
    const { base, entries } = stream;
    const from = Math.max(0, range.after - base.seq);
    return {
      head: headOf(stream),
      snapshot: range.after < base.seq ? base.snapshot : null,
      entries: takePage(entries, from, range),
    };
  }

  async append(
    name: string,
    at: StreamPosition,
    entries: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    const stream = this.#streams.get(name);
    if (stream?.epoch !== at.epoch || headOf(stream).lastSeq !== at.seq) return false;
    stream.entries.push(...entries);
    return true;
  }

  async rebase(
    name: string,
    from: { epoch: string; baseSeq: number } | null,
    to: BaseChange | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    const stream = this.#streams.get(name);
    if (stream?.epoch !== from?.epoch || stream?.base.seq !== from?.baseSeq) return false;
    if (to === null) return this.#streams.delete(name);
    const { base: kept, entries } = stream ?? { base: { seq: 0, snapshot: null }, entries: [] };
    const base = to.base === 'kept' ? kept : to.base;
    const dropped = base.seq - kept.seq;
    if (dropped < 0 || dropped > entries.length) return false;
    this.#streams.set(name, { epoch: to.epoch, base, entries: entries.slice(dropped) });
    return true;
  }
}
