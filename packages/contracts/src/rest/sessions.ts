import { z } from 'zod';
import { SessionId, UserId } from './ids.js';

/** POST /v1/sessions */
export const StartSessionRequest = z.strictObject({
  agent: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens'),
  ttlSeconds: z.int().min(60).max(86_400).default(43_200),
  workspace: z.string().min(1).max(128).optional(),
  project: z.string().min(1).max(128).optional(),
});
export type StartSessionRequest = z.infer<typeof StartSessionRequest>;

export const SessionState = z.enum(['starting', 'active', 'ended']);
export type SessionState = z.infer<typeof SessionState>;

/** A session as people see it. `locked` = its keys are not in credential-service's memory. */
export const SessionView = z.strictObject({
  sessionId: SessionId,
  userId: UserId,
  agent: z.string(),
  workspace: z.string().nullable(),
  project: z.string().nullable(),
  state: SessionState,
  locked: z.boolean(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type SessionView = z.infer<typeof SessionView>;

/** Answer of POST /v1/sessions, 201. The only time the agent's token is shown. */
export const StartSessionResponse = z.strictObject({
  session: SessionView,
  agentToken: z.string(),
  caCertificatePem: z.string(),
  /** Holds `proxy.sock` and `ca.pem`; mounted read-only into the sandbox. */
  runtimeDirectory: z.string(),
});
export type StartSessionResponse = z.infer<typeof StartSessionResponse>;

/** GET /v1/sessions?state=&limit= */
export const ListSessionsQuery = z.strictObject({
  state: SessionState.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const ListSessionsResponse = z.strictObject({ sessions: z.array(SessionView) });
export type ListSessionsResponse = z.infer<typeof ListSessionsResponse>;

/** POST /v1/sessions/{id}/lease */
export const DeliverLeaseRequest = z.strictObject({ sealedLeaseBase64: z.base64().max(262_144) });
export type DeliverLeaseRequest = z.infer<typeof DeliverLeaseRequest>;
export const DeliverLeaseResponse = z.strictObject({ expiresAt: z.iso.datetime() });
export type DeliverLeaseResponse = z.infer<typeof DeliverLeaseResponse>;

/** GET /v1/credential-service/key: a DSSE envelope, see the vault package. */
export const ServiceKeyResponse = z.strictObject({ envelope: z.unknown() });
