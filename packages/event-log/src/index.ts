export { EventLog } from './event-log.js';
export type { EventLogOptions, Fold, Retention } from './log-options.js';
export type { Appended } from './append-queue.js';
export { deliverySchema, StreamPosition, type Delivery } from '@aileron/contracts/streams';
export { StreamCursor, type CursorStep } from './stream-cursor.js';
export { StreamId } from './stream-id.js';
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
