import { z } from 'zod';

/**
 * The frames of a numbered stream, over WebSocket and as SSE data alike. A reader attaches with the epoch and number it has
 * seen; it gets exactly the rest, or a snapshot and the rest, or is told of a gap. Numbers rise by one.
 */
export const StreamFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('attached'),
    epoch: z.string().max(64),
    /** The next event has this number. */
    next: z.int().min(0),
    /** The state up to there; null when the reader's own is right. */
    snapshot: z.unknown(),
  }),
  z.strictObject({ type: z.literal('event'), seq: z.int().min(0), at: z.iso.datetime(), event: z.unknown() }),
  /** Something is missing and will not come: the reader attaches anew. */
  z.strictObject({ type: z.literal('gap'), from: z.int().min(0), to: z.int().min(0), reason: z.string().max(256) }),
  /** At least every 15 s. */
  z.strictObject({ type: z.literal('heartbeat'), at: z.iso.datetime() }),
  z.strictObject({ type: z.literal('end'), reason: z.string().max(256) }),
]);
export type StreamFrame = z.infer<typeof StreamFrame>;

/** `?epoch=&after=` of every stream; without them it begins with a snapshot. */
export const AttachQuery = z.strictObject({
  epoch: z.string().max(64).optional(),
  after: z.coerce.number().int().min(-1).optional(),
});
export type AttachQuery = z.infer<typeof AttachQuery>;
