import { z } from 'zod';

/** RFC 9457 problem body, the one shape of every refusal over HTTP. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  /** A code of the error table. */
  code: z.string(),
  requestId: z.string().optional(),
  /** INVALID_ARGUMENT: which field, and what to do about it. */
  fields: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
  /** Refusals of the proxy. */
  operation: z.string().optional(),
  rule: z.string().optional(),
  approvalId: z.string().optional(),
  auditId: z.string().optional(),
  /** What the reader can do next, in a sentence. */
  action: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
