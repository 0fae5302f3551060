import type { StreamPosition } from '@aileron/contracts/streams';
import { AileronError } from '@aileron/errors';
import type { LogContext } from './log-options.js';
import { RecentEntries } from './recent-entries.js';
import { storageCall } from './storage-call.js';
import type { BaseChange, StoredHead, StoredPage } from './stream-storage.port.js';

/** How often a change is tried again over somebody else's. */
const MAX_TRIES = 4;

/** A stream as this process knows it: where it ends, its newest entries, and who waits for more. */
export class OpenStream<E, S> {
  readonly id: string;
  readonly context: LogContext<E, S>;
  readonly recent: RecentEntries;
  /** Calls and subscribers at work on it. */
  users = 0;
  subscribers = 0;
  #head: StoredHead | null = null;
  #ended: 'closed' | 'removed' | null = null;
  #watchers = new Set<() => void>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(id: string, context: LogContext<E, S>) {
    this.id = id;
    this.context = context;
    this.recent = new RecentEntries(context.limits);
  }

  get head(): StoredHead {
    if (this.#head === null) throw new AileronError('INTERNAL', { reason: 'stream-not-open' });
    return this.#head;
  }

  get ended(): 'closed' | 'removed' | null {
    return this.#ended;
  }

  get end(): StreamPosition {
    return { epoch: this.head.epoch, seq: this.head.lastSeq };
  }

  /** Changes of a stream happen one after the other. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(task);
    this.#queue = run.catch(() => undefined);
    return run;
  }

  read(after: number, maxEntries = this.context.limits.pageEvents): Promise<StoredPage | null> {
    const { storage, limits } = this.context;
    const range = { after, maxEntries, maxBytes: limits.pageBytes };
    return this.#call((signal) => storage.read(this.id, range, signal));
  }

  write(at: StreamPosition, entries: readonly Uint8Array[]): Promise<boolean> {
    return this.#call((signal) => this.context.storage.append(this.id, at, entries, signal));
  }

  /** What the storage says, when somebody else may have written. The first time it makes the stream where there is none. */
  refresh(): Promise<void> {
    return this.exclusively(() => this.reload());
  }

  /** `refresh` for who is in an exclusive task already. */
  async reload(): Promise<void> {
    let known = this.#head;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const page = await this.read(known?.lastSeq ?? Number.MAX_SAFE_INTEGER, known === null ? 0 : undefined);
      if (page === null && known !== null) {
        // Made anew it would outlive its removal: that is for whoever opens it next.
        this.close('removed');
        throw new AileronError('NOT_FOUND', { reason: 'stream-removed' });
      } else if (page === null) {
        await this.#rebase(null, { epoch: this.context.newEpoch(), base: { seq: 0, snapshot: null } });
      } else if (page.head.epoch !== known?.epoch || page.head.lastSeq >= known.lastSeq) {
        return this.#adopt(page, known?.lastSeq ?? page.head.lastSeq);
      } else if (await this.#rebase(page.head, { epoch: this.context.newEpoch(), base: 'kept' })) {
        // The storage has forgotten what was shown to clients: what is there from now on is another history.
        known = null;
      }
    }
    throw new AileronError('UNAVAILABLE', { reason: 'event-storage' });
  }

  /** Epoch and base as `change` says, over what others did in between. Null from `change`: leave it. For exclusive tasks. */
  async changeBase(change: (head: StoredHead) => BaseChange | null): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const to = change(this.head);
      if (to === null) return false;
      if (await this.#rebase(this.head, to)) {
        await this.reload();
        return true;
      }
      await this.reload();
    }
    throw new AileronError('CONFLICT');
  }

  /** Removes the stream from the storage, and ends who reads it. For exclusive tasks. */
  async remove(): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const page = await this.read(Number.MAX_SAFE_INTEGER, 0);
      if (page === null || (await this.#rebase(page.head, null))) return this.close('removed');
    }
    throw new AileronError('CONFLICT');
  }

  /** These entries are stored at this place. */
  advance(at: StreamPosition, entries: readonly Uint8Array[]): void {
    const { epoch, baseSeq, lastSeq } = this.head;
    this.recent.push(at.seq, entries);
    this.#setHead({ epoch, baseSeq, lastSeq: Math.max(lastSeq, at.seq + entries.length) });
  }

  /** A reader found the stream further on than it was known to be. */
  notice(head: StoredHead): void {
    if (head.epoch === this.head.epoch && head.lastSeq > this.head.lastSeq) this.#setHead(head);
  }

  close(reason: 'closed' | 'removed'): void {
    this.#ended ??= reason;
    this.#wake();
  }

  /** Resolves when the stream does not end at this place (any more), has ended, or the signal is aborted. */
  moved(from: StreamPosition, signal: AbortSignal): Promise<void> {
    const { epoch, lastSeq } = this.head;
    if (this.#ended !== null || signal.aborted || epoch !== from.epoch || lastSeq !== from.seq) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#watchers.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** `after`: where the page was asked from. The head may have moved since, for readers notice more on their own. */
  #adopt({ head, entries }: StoredPage, after: number): void {
    const known = this.#head;
    if (head.epoch !== known?.epoch) {
      this.recent.clear();
      return this.#setHead(head);
    }
    // The base may have moved beyond what was known here: then the page begins after it.
    this.recent.push(Math.max(after, head.baseSeq), entries);
    this.#setHead({ ...head, lastSeq: Math.max(head.lastSeq, known.lastSeq) });
  }

  #setHead(head: StoredHead): void {
    this.#head = head;
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #rebase(from: StoredHead | null, to: BaseChange | null): Promise<boolean> {
    const place = from === null ? null : { epoch: from.epoch, baseSeq: from.baseSeq };
    return this.#call((signal) => this.context.storage.rebase(this.id, place, to, signal));
  }

  #call<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return storageCall(this.context.storageSignal(), call);
  }
}
