import { type Delivery, StreamPosition } from '@aileron/contracts/streams';
import { AileronError } from '@aileron/errors';
import { AppendQueue, type Appended } from './append-queue.js';
import { compactStream, encodeSnapshot, moveBase } from './compact-stream.js';
import type { EventLogOptions, Fold, LogContext } from './log-options.js';
import { OpenStream } from './open-stream.js';
import { sealSnapshot } from './snapshot-envelope.js';
import { StreamId } from './stream-id.js';
import { DEFAULT_LIMITS } from './stream-limits.js';
import { sharedDeadline } from './storage-deadline.js';
import { follow } from './subscription.js';

/** The base of a stream whose earlier events are gone. */
const DROPPED = sealSnapshot({ view: null, complete: false });

/** A call of the storage ends after this, or twice this. */
const STORAGE_MS = 5_000;

interface Entry<E, S> {
  readonly stream: OpenStream<E, S>;
  readonly appends: AppendQueue<E, S>;
  readonly opened: Promise<void>;
  compacting: boolean;
}

/**
 * Numbered streams of one kind, by their ids. What is appended is stored before anyone sees it; who attaches gets
 * exactly what follows his place, or is told what he does not get. One EventLog a process and storage: subscribers hear
 * at once of what is appended through it, and of what others append after `refresh`.
 */
export class EventLog<E, S> {
  readonly #context: LogContext<E, S>;
  readonly #streams = new Map<string, Entry<E, S>>();
  #closed = false;

  constructor(options: EventLogOptions<E, S>) {
    this.#context = {
      ...options,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      retention: options.retention ?? null,
      storageSignal: options.storageSignal ?? sharedDeadline(STORAGE_MS),
      onFault: options.onFault ?? (() => undefined),
    };
  }

  /**
   * Appends events, all or none. When it resolves they are stored. PAYLOAD_TOO_LARGE for an event or too many;
   * RATE_LIMITED when the storage does not keep up; UNAVAILABLE when it does not answer: then they may have been stored.
   */
  async append(id: string, events: readonly E[]): Promise<Appended> {
    const { codec, limits } = this.#context;
    if (events.length === 0) throw new AileronError('INVALID_ARGUMENT', { reason: 'no-events' });
    if (events.length > limits.maxEventsAtOnce) {
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitEvents: limits.maxEventsAtOnce });
    }
    const entries = events.map((event) => codec.encodeEvent(event));
    if (entries.some(({ byteLength }) => byteLength > limits.maxEventBytes)) {
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: limits.maxEventBytes });
    }
    return this.#use(id, async (entry) => {
      const appended = await entry.appends.add(entries);
      this.#retain(entry);
      return appended;
    });
  }

  /**
   * Everything after a place, then what comes, until the signal is aborted. `from` null: everything there is. Throws
   * UNAVAILABLE when the storage does not answer: attach again at the place reached. RATE_LIMITED: too many subscribers.
   */
  async *attach(id: string, from: StreamPosition | null, signal: AbortSignal): AsyncGenerator<Delivery<E, S>, void> {
    const place = StreamPosition.nullable().safeParse(from);
    if (!place.success) throw new AileronError('INVALID_ARGUMENT', { reason: 'position' }, { cause: place.error });
    const entry = await this.#enter(id);
    const { maxSubscribers } = this.#context.limits;
    try {
      if (entry.stream.subscribers >= maxSubscribers) throw new AileronError('RATE_LIMITED', { maxSubscribers });
      entry.stream.subscribers += 1;
      try {
        yield* follow(entry.stream, place.data, signal);
      } finally {
        entry.stream.subscribers -= 1;
      }
    } finally {
      entry.stream.users -= 1;
    }
  }

  /** Where the stream ends. */
  position(id: string): Promise<StreamPosition> {
    return this.#use(id, ({ stream }) => Promise.resolve(stream.end));
  }

  /**
   * Turns events into a snapshot, all but the newest `keepEvents`. False: there was nothing to do, or somebody else did
   * it. The fold is given consecutive events; what it throws comes through, and nothing has changed.
   */
  compact(id: string, fold: Fold<E, S>, { keepEvents = 0 } = {}): Promise<boolean> {
    return this.#use(id, (entry) => this.#compact(entry, fold, keepEvents));
  }

  /** A snapshot that the caller has, as of this place: it stands for all events up to it. False: the place has passed. */
  installSnapshot(id: string, at: StreamPosition, snapshot: S): Promise<boolean> {
    return this.#use(id, (entry) => {
      const bytes = encodeSnapshot(entry.stream, { view: snapshot, complete: true });
      return this.#moveBase(entry, at, bytes);
    });
  }

  /** Drops events up to this place for good. Who has not seen them is told of a gap. */
  trim(id: string, at: StreamPosition): Promise<boolean> {
    return this.#use(id, async (entry) => {
      const moved = await this.#moveBase(entry, at, DROPPED);
      if (moved) entry.stream.recent.clear();
      return moved;
    });
  }

  /**
   * Begins another history, since something of this one was lost: its events go, everybody is told of a gap, and the
   * view begins with the snapshot, if there is one.
   */
  beginEpoch(id: string, snapshot: S | null = null): Promise<StreamPosition> {
    return this.#use(id, ({ stream }) => {
      const bytes = encodeSnapshot(stream, { view: snapshot, complete: false });
      return stream.exclusively(async () => {
        const epoch = this.#context.newEpoch();
        await stream.changeBase(({ lastSeq }) => ({ epoch, base: { seq: lastSeq, snapshot: bytes } }));
        return stream.end;
      });
    });
  }

  /** Somebody else has written to the storage: its subscribers here get it now. */
  refresh(id: string): Promise<void> {
    return this.#use(id, ({ stream }) => stream.refresh());
  }

  /** Removes the stream with everything in it. Its subscribers end. */
  remove(id: string): Promise<void> {
    return this.#use(id, async ({ stream }) => {
      await stream.exclusively(() => stream.remove());
      this.#streams.delete(id);
    });
  }

  /** Takes nothing more, stores what was taken, and ends all subscribers. */
  async close(): Promise<void> {
    this.#closed = true;
    const streams = [...this.#streams.values()].map(({ stream }) => stream);
    await Promise.all(streams.map((stream) => stream.exclusively(async () => stream.close('closed'))));
  }

  async #use<T>(id: string, task: (entry: Entry<E, S>) => Promise<T>): Promise<T> {
    const entry = await this.#enter(id);
    try {
      return await task(entry);
    } finally {
      entry.stream.users -= 1;
    }
  }

  /** The stream, open; who enters leaves by `users -= 1`. */
  async #enter(id: string): Promise<Entry<E, S>> {
    if (this.#closed) throw new AileronError('UNAVAILABLE', { reason: 'event-log-closed' });
    const known = this.#streams.get(id);
    const entry = known === undefined || known.stream.ended !== null ? this.#add(id) : known;
    entry.stream.users += 1;
    try {
      await entry.opened;
      return entry;
    } catch (error) {
      entry.stream.users -= 1;
      if (this.#streams.get(id) === entry) this.#streams.delete(id);
      throw error;
    }
  }

  #add(id: string): Entry<E, S> {
    if (!StreamId.safeParse(id).success) throw new AileronError('INVALID_ARGUMENT', { reason: 'stream-id' });
    this.#makeRoom();
    const stream = new OpenStream(id, this.#context);
    const entry = { stream, appends: new AppendQueue(stream), opened: stream.refresh(), compacting: false };
    this.#streams.set(id, entry);
    return entry;
  }

  #makeRoom(): void {
    if (this.#streams.size < this.#context.limits.maxOpenStreams) return;
    for (const [id, { stream, compacting }] of this.#streams) {
      if (stream.users === 0 && !compacting) {
        this.#streams.delete(id);
        return;
      }
    }
    throw new AileronError('RATE_LIMITED', { maxOpenStreams: this.#context.limits.maxOpenStreams });
  }

  async #compact(entry: Entry<E, S>, fold: Fold<E, S>, keepEvents: number): Promise<boolean> {
    const { epoch, seq } = entry.stream.end;
    const moved = await compactStream(entry.stream, fold, { epoch, seq: seq - keepEvents });
    if (moved) entry.appends.tailBytes = 0;
    return moved;
  }

  async #moveBase(entry: Entry<E, S>, to: StreamPosition, snapshot: Uint8Array): Promise<boolean> {
    const moved = await moveBase(entry.stream, { to, snapshot });
    if (moved) entry.appends.tailBytes = 0;
    return moved;
  }

  /** Compacts beside what goes on, when there is enough to compact. */
  #retain(entry: Entry<E, S>): void {
    const { retention, onFault } = this.#context;
    const { stream, appends } = entry;
    if (retention === null || entry.compacting) return;
    const { lastSeq, baseSeq } = stream.head;
    if (lastSeq - baseSeq <= retention.maxEvents && appends.tailBytes <= retention.maxBytes) return;
    entry.compacting = true;
    const { fold, keepEvents } = retention;
    const end = { epoch: stream.end.epoch, seq: Math.max(baseSeq, lastSeq - keepEvents) };
    const done = fold === null ? this.#moveBase(entry, end, DROPPED) : this.#compact(entry, fold, keepEvents);
    void done
      .catch((cause: unknown) => onFault({ stream: stream.id, cause }))
      .finally(() => {
        entry.compacting = false;
      });
  }
}
