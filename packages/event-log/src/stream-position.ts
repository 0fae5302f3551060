import { z } from 'zod';

/** Names an unbroken history. Another one means that something of the earlier was lost. */
export const Epoch = z.string().regex(/^[0-9A-Za-z_-]{1,64}$/, 'must be an epoch');

export const StreamId = z.string().regex(/^[0-9A-Za-z_.:/-]{1,200}$/, 'must be a stream id');

/** How far somebody has read: everything up to and including `seq`. The first event of a stream is number 1. */
export const StreamPosition = z.strictObject({ epoch: Epoch, seq: z.int().min(0) });
export type StreamPosition = z.infer<typeof StreamPosition>;
