import type { StreamPosition } from '@aileron/contracts/streams';

/** What the kept events of a stream come after. */
export interface StoredBase {
  /** The last number that is no longer kept as an event of its own; 0 when all are. */
  readonly seq: number;
  /** What the events up to `seq` come to. Null: there were none, or they were dropped. */
  readonly snapshot: Uint8Array | null;
}

export interface StoredHead {
  readonly epoch: string;
  readonly baseSeq: number;
  /** The last number given out; `baseSeq` when no event is kept. */
  readonly lastSeq: number;
}

/** Head and events of one moment, as a transaction sees them. */
export interface StoredPage {
  readonly head: StoredHead;
  /** The base's snapshot when `after` is below `baseSeq`; else null, whether there is one or not. */
  readonly snapshot: Uint8Array | null;
  /** Consecutive, from max(after, baseSeq) + 1. */
  readonly entries: readonly Uint8Array[];
}

export interface StoredRange {
  /** The last number that is not wanted; -1 asks for a snapshot at 0 as well. */
  readonly after: number;
  /** 0 asks for the head alone. */
  readonly maxEntries: number;
  /** Of all entries together. The first one is given whatever its size. */
  readonly maxBytes: number;
}

export interface BaseChange {
  readonly epoch: string;
  /** From `baseSeq` to `lastSeq` of the present head. Events up to its number go, later ones stay. */
  readonly base: StoredBase | 'kept';
}

/**
 * Where streams are kept. Each method is atomic, and has happened for good when it resolves; one that rejects may have
 * happened. `conformanceCases` of `@aileron/event-log/testing` say the rest.
 */
export interface StreamStorage {
  /** Null: there is no such stream. */
  read(stream: string, range: StoredRange, signal: AbortSignal): Promise<StoredPage | null>;
  /** Adds entries after the place `at`. False, and nothing added, when the stream does not end there or is none. */
  append(stream: string, at: StreamPosition, entries: readonly Uint8Array[], signal: AbortSignal): Promise<boolean>;
  /**
   * Changes epoch and base when they are `from`; a `from` of null makes the stream, a change to null removes it.
   * False, and nothing changed, when they are others, or the new base lies outside of what is kept.
   */
  rebase(
    stream: string,
    from: { readonly epoch: string; readonly baseSeq: number } | null,
    to: BaseChange | null,
    signal: AbortSignal,
  ): Promise<boolean>;
}
