import { z } from 'zod';

/** `?epoch=&seq=` of every stream: the place that was reached. Without both it begins with everything there is. */
export const AttachQuery = z
  .strictObject({ epoch: z.string().min(1).max(64).optional(), seq: z.coerce.number().int().min(0).optional() })
  .refine(({ epoch, seq }) => (epoch === undefined) === (seq === undefined), 'epoch and seq come together');
export type AttachQuery = z.infer<typeof AttachQuery>;

/**
 * What a stream sends beside the deliveries of the event log (see its package), over WebSocket and as SSE alike: a sign of
 * life at least every 15 s, and why it ends.
 */
export const StreamNotice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('heartbeat'), at: z.iso.datetime() }),
  z.strictObject({ type: z.literal('refused'), code: z.string().max(64), message: z.string().max(256) }),
]);
export type StreamNotice = z.infer<typeof StreamNotice>;
