import { MemoryStorage } from './memory-storage.js';
import type { StoredPage, StreamStorage } from './stream-storage.port.js';

/** Numbers below one, the same for the same seed. Mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NEVER = new AbortController().signal;

/** A storage that is slow, fails before or after it has done its work, and does some of it later than it said. */
export class HostileStorage implements StreamStorage {
  inner = new MemoryStorage();
  /** Every entry in the order in which it was stored, without what was forgotten. */
  readonly lineage: Uint8Array[] = [];
  readonly #random: () => number;
  /** The share of calls that fail. */
  faults = 0;
  injected = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  read(...[name, range]: Parameters<StreamStorage['read']>): Promise<StoredPage | null> {
    return this.#disturb(() => this.inner.read(name, range, NEVER));
  }

  append(...[name, at, entries]: Parameters<StreamStorage['append']>): Promise<boolean> {
    return this.#disturb(async () => {
      const appended = await this.inner.append(name, at, entries, NEVER);
      if (appended) this.lineage.push(...entries);
      return appended;
    });
  }

  rebase(...[name, from, to]: Parameters<StreamStorage['rebase']>): Promise<boolean> {
    return this.#disturb(() => this.inner.rebase(name, from, to, NEVER));
  }

  /** Loses the newest entries of a stream, as a restored backup does. */
  async forget(name: string, count: number): Promise<void> {
    const page = await this.inner.read(name, { after: -1, maxEntries: 1e6, maxBytes: 1e9 }, NEVER);
    if (page === null) return;
    const { epoch, baseSeq } = page.head;
    const entries = page.entries.slice(0, Math.max(0, page.entries.length - count));
    this.lineage.length -= page.entries.length - entries.length;
    this.inner = new MemoryStorage();
    await this.inner.rebase(name, null, { epoch, base: { seq: 0, snapshot: null } }, NEVER);
    await this.inner.append(name, { epoch, seq: 0 }, new Array<Uint8Array>(baseSeq).fill(new Uint8Array()), NEVER);
    const base = { seq: baseSeq, snapshot: page.snapshot };
    await this.inner.rebase(name, { epoch, baseSeq: 0 }, { epoch, base }, NEVER);
    await this.inner.append(name, { epoch, seq: baseSeq }, entries, NEVER);
  }

  async #disturb<T>(work: () => Promise<T>): Promise<T> {
    await this.#pass();
    if (this.#random() >= this.faults) {
      const result = await work();
      await this.#pass();
      return result;
    }
    this.injected += 1;
    const kind = Math.floor(this.#random() * 3);
    if (kind === 1) await work();
    if (kind === 2) void this.#pass().then(work);
    throw new Error(`injected: ${['before', 'after', 'late'][kind]}`);
  }

  /** Lets others go first, for a few turns. */
  async #pass(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 6); turns > 0; turns -= 1) await Promise.resolve();
  }
}
