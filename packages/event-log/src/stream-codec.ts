import { AileronError } from '@aileron/errors';
import type { z } from 'zod';

/** Events and snapshots as bytes, and back. A decoder throws for what is none. */
export interface StreamCodec<E, S> {
  encodeEvent(event: E): Uint8Array;
  decodeEvent(bytes: Uint8Array): E;
  encodeSnapshot(snapshot: S): Uint8Array;
  decodeSnapshot(bytes: Uint8Array): S;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function encodeJson<T>(schema: z.ZodType<T>, value: T): Uint8Array {
  try {
    return encoder.encode(JSON.stringify(schema.parse(value)));
  } catch (cause) {
    throw new AileronError('INTERNAL', { reason: 'not-of-its-schema' }, { cause });
  }
}

const decodeJson = <T>(schema: z.ZodType<T>, bytes: Uint8Array): T => schema.parse(JSON.parse(decoder.decode(bytes)));

/** JSON in UTF-8. What its schema refuses is not appended: INTERNAL, for it is this program's own. */
export const jsonCodec = <E, S>(event: z.ZodType<E>, snapshot: z.ZodType<S>): StreamCodec<E, S> => ({
  encodeEvent: (value) => encodeJson(event, value),
  decodeEvent: (bytes) => decodeJson(event, bytes),
  encodeSnapshot: (value) => encodeJson(snapshot, value),
  decodeSnapshot: (bytes) => decodeJson(snapshot, bytes),
});

/**
 * Bytes as they are: an event is a chunk. Copied on the way in, so that the caller may use its buffer again; by the constructor,
 * which copies a block, where `from` goes byte by byte.
 */
export const BYTES_CODEC: StreamCodec<Uint8Array, Uint8Array> = {
  encodeEvent: (bytes) => new Uint8Array(bytes),
  decodeEvent: (bytes) => bytes,
  encodeSnapshot: (bytes) => new Uint8Array(bytes),
  decodeSnapshot: (bytes) => bytes,
};
