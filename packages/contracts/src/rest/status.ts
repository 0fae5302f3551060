import { z } from 'zod';

/** GET /v1/status */
export const ServiceStatus = z.strictObject({
  version: z.string(),
  startedAt: z.iso.datetime(),
  tenantId: z.string(),
  user: z.strictObject({ userId: z.string(), name: z.string(), vaultInitialised: z.boolean() }),
  policyVersion: z.int(),
  connectors: z.array(z.strictObject({ name: z.string(), version: z.string(), operations: z.int() })),
  sessions: z.strictObject({ active: z.int(), locked: z.int() }),
  approvals: z.strictObject({ pending: z.int() }),
  audit: z.strictObject({ records: z.int() }),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

/** GET /health, the only route without a token */
export const Health = z.strictObject({
  status: z.enum(['ok', 'degraded']),
  service: z.literal('ok'),
  database: z.enum(['ok', 'unreachable']),
});
export type Health = z.infer<typeof Health>;

/** GET /v1/actions; also /etc/aileron/actions.json (schema of the connectors package's catalogue). */
export const ListActionsResponse = z.strictObject({ actions: z.array(z.unknown()) });
