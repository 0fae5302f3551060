import { z } from 'zod';
import { WorkspaceId } from './ids.js';
import { WorkspaceView } from './workspaces.js';

/** `?epoch=&seq=` of every numbered stream: the place that was reached. Without both it begins with everything there is. */
export const AttachQuery = z
  .strictObject({ epoch: z.string().min(1).max(64).optional(), seq: z.coerce.number().int().min(0).optional() })
  .refine(({ epoch, seq }) => (epoch === undefined) === (seq === undefined), 'epoch and seq come together');
export type AttachQuery = z.infer<typeof AttachQuery>;

/**
 * What a stream sends beside its own messages, over WebSocket and as SSE alike: a sign of life at least every 15 s, and
 * why it ends.
 */
export const StreamNotice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('heartbeat'), at: z.iso.datetime() }),
  z.strictObject({ type: z.literal('refused'), code: z.string().max(64), message: z.string().max(256) }),
]);
export type StreamNotice = z.infer<typeof StreamNotice>;

/** An event of the stream of one workspace. */
export const WorkspaceEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('changed'), workspace: WorkspaceView }),
  /** Raw output of a step, for people who look closer. */
  z.strictObject({
    type: z.literal('line'),
    at: z.iso.datetime(),
    /** Number of the step it belongs to. */
    step: z.int().min(1).nullable(),
    text: z.string().max(4_096),
  }),
]);
export type WorkspaceEvent = z.infer<typeof WorkspaceEvent>;

/** The view that the events of one workspace make: what it is, and the last lines. */
export const WorkspaceEventsView = z.strictObject({
  /** Null before its first event. */
  workspace: WorkspaceView.nullable(),
  lines: z
    .array(z.strictObject({ at: z.iso.datetime(), step: z.int().min(1).nullable(), text: z.string().max(4_096) }))
    .max(1_000),
});
export type WorkspaceEventsView = z.infer<typeof WorkspaceEventsView>;

/**
 * GET /api/v1/workspaces/events: what changes in the list. Not numbered: `live` says that everything later is told, so
 * read the list after it, and again after every new attach.
 */
export const WorkspaceListChange = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('live') }),
  /** `workspace` is null once it is removed. */
  z.strictObject({ type: z.literal('changed'), workspaceId: WorkspaceId, workspace: WorkspaceView.nullable() }),
  /** Changes were missed: read the list again. */
  z.strictObject({ type: z.literal('behind') }),
]);
export type WorkspaceListChange = z.infer<typeof WorkspaceListChange>;

/** GET /api/v1/workspaces/{id}/files/events: the folders in which something changed. Not numbered, as the list's changes. */
export const FilesChange = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('live') }),
  z.strictObject({ type: z.literal('changed'), folders: z.array(z.string().max(4_096)).min(1).max(1_000) }),
  /** More changed than can be named: read everything again. */
  z.strictObject({ type: z.literal('behind') }),
]);
export type FilesChange = z.infer<typeof FilesChange>;
