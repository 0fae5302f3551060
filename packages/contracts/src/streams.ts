import { z } from 'zod';

/** Names an unbroken history. Another one means that something of the earlier was lost. */
export const Epoch = z.string().regex(/^[0-9A-Za-z_-]{1,64}$/, 'must be an epoch');

/** How far somebody has read: everything up to and including `seq`. The first event of a stream is number 1. */
export const StreamPosition = z.strictObject({ epoch: Epoch, seq: z.int().min(0) });
export type StreamPosition = z.infer<typeof StreamPosition>;

export const GapReason = z.enum([
  /** The stream has another epoch: what was seen may not be its history. */
  'history-lost',
  /** The client has seen more than there is. */
  'ahead',
  /** Events were dropped that are in no snapshot: one that follows begins without them. */
  'trimmed',
  /** What is stored there is no event of this stream. */
  'unreadable',
]);
export type GapReason = z.infer<typeof GapReason>;

export interface NumberedEvent<E> {
  readonly seq: number;
  readonly event: E;
}

/** What a subscriber is given, in order. Each has its place, from which a later attach goes on. */
export type Delivery<E, S> =
  /** The view up to `at`: it replaces what the client has. */
  | { readonly type: 'snapshot'; readonly at: StreamPosition; readonly snapshot: S }
  /** Consecutive, right after the place before. */
  | { readonly type: 'events'; readonly epoch: string; readonly events: readonly NumberedEvent<E>[] }
  /** Something is missing between `from` (null: the beginning) and `at`, and cannot be had. Show it. */
  | {
      readonly type: 'gap';
      readonly reason: GapReason;
      readonly from: StreamPosition | null;
      readonly at: StreamPosition;
    }
  /** Everything there was has been given; what follows is new. */
  | { readonly type: 'live'; readonly at: StreamPosition }
  /** Nothing follows. After `closed` the client attaches again, after `removed` there is nothing to attach to. */
  | { readonly type: 'end'; readonly reason: 'closed' | 'removed' };

/** A delivery as it crosses a wire as JSON. */
export const deliverySchema = <E, S>(event: z.ZodType<E>, snapshot: z.ZodType<S>) =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('snapshot'), at: StreamPosition, snapshot }),
    z.strictObject({
      type: z.literal('events'),
      epoch: Epoch,
      events: z
        .array(z.strictObject({ seq: z.int().min(1), event }))
        .min(1)
        .max(4_096),
    }),
    z.strictObject({ type: z.literal('gap'), reason: GapReason, from: StreamPosition.nullable(), at: StreamPosition }),
    z.strictObject({ type: z.literal('live'), at: StreamPosition }),
    z.strictObject({ type: z.literal('end'), reason: z.enum(['closed', 'removed']) }),
  ]);
