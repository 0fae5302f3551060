/** Bounds of an event log. Bytes are those of the encoded form. */
export interface StreamLimits {
  readonly maxEventBytes: number;
  readonly maxSnapshotBytes: number;
  /** Events of one append. */
  readonly maxEventsAtOnce: number;
  /** Of a stream: appended, and not yet stored. More is refused. */
  readonly maxPendingBytes: number;
  /** Of a stream: the newest events, kept for who follows live. All subscribers share them. */
  readonly recentBytes: number;
  readonly recentEvents: number;
  /** One delivery. It is all that is held for a subscriber. */
  readonly pageBytes: number;
  readonly pageEvents: number;
  readonly maxSubscribers: number;
  /** Streams in memory; idle ones make room. */
  readonly maxOpenStreams: number;
}

const KIB = 1_024;
const MIB = 1_024 * KIB;

export const DEFAULT_LIMITS: StreamLimits = {
  maxEventBytes: 256 * KIB,
  maxSnapshotBytes: 8 * MIB,
  maxEventsAtOnce: 1_024,
  maxPendingBytes: 8 * MIB,
  recentBytes: MIB,
  recentEvents: 4_096,
  pageBytes: 256 * KIB,
  pageEvents: 512,
  maxSubscribers: 256,
  maxOpenStreams: 4_096,
};
