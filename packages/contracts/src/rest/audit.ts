import { z } from 'zod';

/** GET /v1/audit: newest first. `after` pages: records older than that cursor. */
export const QueryAuditQuery = z.strictObject({
  sessionId: z.string().max(64).optional(),
  operation: z.string().max(128).optional(),
  kind: z.string().max(64).optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  after: z.string().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export const QueryAuditResponse = z.strictObject({
  /** Records of the audit package's AuditRecord schema. */
  records: z.array(z.unknown()),
  next: z.string().nullable(),
});
export type QueryAuditResponse = z.infer<typeof QueryAuditResponse>;
/** GET /v1/audit/export?streamId=: application/x-ndjson, the lines as the proxy wrote them, checkpoints included, in order. */
/** GET /v1/audit/streams */
export const ListAuditStreamsResponse = z.strictObject({
  streams: z.array(z.strictObject({ streamId: z.string(), acknowledgedSeq: z.int(), records: z.int() })),
});
export type ListAuditStreamsResponse = z.infer<typeof ListAuditStreamsResponse>;
