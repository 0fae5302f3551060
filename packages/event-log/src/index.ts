export { EventLog } from './event-log.js';
export type { EventLogOptions, Fold, Retention } from './log-options.js';
export type { Appended } from './append-queue.js';
export { deliverySchema, GapReason, type Delivery, type NumberedEvent } from './delivery.js';
export { StreamCursor, type CursorStep } from './stream-cursor.js';
export { Epoch, StreamId, StreamPosition } from './stream-position.js';
export { BYTES_CODEC, jsonCodec, type StreamCodec } from './stream-codec.js';
export { DEFAULT_LIMITS, type StreamLimits } from './stream-limits.js';
export { MemoryStorage } from './memory-storage.js';
export type {
  BaseChange,
  StoredBase,
  StoredHead,
  StoredPage,
  StoredRange,
  StreamStorage,
} from './stream-storage.port.js';
export { decodeByteFrame, encodeByteFrame } from './byte-frame.js';
