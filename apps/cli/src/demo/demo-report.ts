import { z } from 'zod';

/** What `aileron demo --json` prints. */
export const DemoReport = z.strictObject({
  ok: z.boolean(),
  agent: z.strictObject({ name: z.string(), version: z.string() }),
  operations: z.array(z.strictObject({ name: z.string(), decision: z.string(), status: z.number().nullable() })),
  approvals: z.array(z.strictObject({ operation: z.string(), state: z.string(), approver: z.string().nullable() })),
  llm: z.strictObject({ calls: z.int(), inputTokens: z.int(), outputTokens: z.int(), costUsd: z.number().nullable() }),
  audit: z.strictObject({ records: z.int(), verified: z.boolean() }),
  canary: z.strictObject({ places: z.int(), leaked: z.int() }),
  durationMs: z.int(),
  timeline: z.array(z.unknown()),
});
export type DemoReport = z.infer<typeof DemoReport>;
