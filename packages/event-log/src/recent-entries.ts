import type { StreamLimits } from './stream-limits.js';

/** The newest entries of a stream, consecutive, within bounds. */
export class RecentEntries {
  readonly #limits: Pick<StreamLimits, 'recentBytes' | 'recentEvents'>;
  #entries: Uint8Array[] = [];
  /** The entries before this index are gone. */
  #from = 0;
  #lastSeq = 0;
  #bytes = 0;

  constructor(limits: Pick<StreamLimits, 'recentBytes' | 'recentEvents'>) {
    this.#limits = limits;
  }

  clear(): void {
    this.#entries = [];
    this.#from = 0;
    this.#bytes = 0;
  }

  /** Adds what follows the number `after`. What does not follow on takes the place of everything. */
  push(after: number, entries: readonly Uint8Array[]): void {
    if (after !== this.#lastSeq) this.clear();
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#bytes += entry.byteLength;
    }
    this.#lastSeq = after + entries.length;
    while (this.#count > 0 && (this.#bytes > this.#limits.recentBytes || this.#count > this.#limits.recentEvents)) {
      this.#bytes -= this.#entries[this.#from]?.byteLength ?? 0;
      this.#from += 1;
    }
    if (this.#from > 1_024 && this.#from > this.#count) {
      this.#entries = this.#entries.slice(this.#from);
      this.#from = 0;
    }
  }

  /** What follows the number `after`, up to a page; null when that is not all here. */
  after(after: number, page: { maxBytes: number; maxEntries: number }): Uint8Array[] | null {
    const index = this.#from + after - (this.#lastSeq - this.#count);
    if (index < this.#from || index >= this.#entries.length) return null;
    return takePage(this.#entries, index, page);
  }

  get #count(): number {
    return this.#entries.length - this.#from;
  }
}

/** Entries from an index, within a page; the first one whatever its size. */
export function takePage(
  entries: readonly Uint8Array[],
  from: number,
  { maxBytes, maxEntries }: { maxBytes: number; maxEntries: number },
): Uint8Array[] {
  const taken: Uint8Array[] = [];
  let bytes = 0;
  for (let index = from; index < entries.length && taken.length < maxEntries; index += 1) {
    const entry = entries[index] as Uint8Array;
    bytes += entry.byteLength;
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push(entry);
  }
  return taken;
}
