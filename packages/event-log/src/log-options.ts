import type { StreamCodec } from './stream-codec.js';
import type { StreamLimits } from './stream-limits.js';
import type { StreamStorage } from './stream-storage.port.js';

/** A view after more events: what a client that saw them all would show. Null: nothing was before. */
export type Fold<E, S> = (snapshot: S | null, events: readonly E[]) => S | Promise<S>;

/** When the events of a stream are too many, the older ones become a snapshot by themselves. */
export interface Retention<E, S> {
  readonly maxEvents: number;
  /** Counted since the process has the stream. */
  readonly maxBytes: number;
  /** The newest are kept as events, for clients that were away for a moment. */
  readonly keepEvents: number;
  /** Null: older events are dropped, and who needs them is told of a gap. */
  readonly fold: Fold<E, S> | null;
}

export interface EventLogOptions<E, S> {
  readonly storage: StreamStorage;
  readonly codec: StreamCodec<E, S>;
  /** A random name, never one that was given before. */
  readonly newEpoch: () => string;
  readonly limits?: Partial<StreamLimits>;
  readonly retention?: Retention<E, S>;
  /** The deadline of one call of the storage; 5 to 10 s unless told. */
  readonly storageSignal?: () => AbortSignal;
  /** What failed without a caller: a compaction. For the log. */
  readonly onFault?: (fault: { readonly stream: string; readonly cause: unknown }) => void;
}

/** The options with nothing left open. */
export type LogContext<E, S> = Omit<Required<EventLogOptions<E, S>>, 'retention' | 'limits'> & {
  readonly limits: StreamLimits;
  readonly retention: Retention<E, S> | null;
};
