import { z } from 'zod';
import { ApprovalId, SessionId } from './ids.js';

export const ApprovalState = z.enum(['pending', 'approved', 'denied', 'expired', 'cancelled', 'consumed']);
export type ApprovalState = z.infer<typeof ApprovalState>;

/**
 * What an approver is shown. The proxy makes it, its SHA-256 is part of the approval digest, so what was shown is what
 * is sent. Strings are the agent's own: a surface must neutralise control characters before it shows them.
 */
export const RequestPreview = z.strictObject({
  connector: z.string().max(64),
  operation: z.string().max(128),
  summary: z.string().max(512),
  method: z.string().max(16),
  /** Canonical target: scheme, host, port, path and query. */
  target: z.string().max(16_384),
  arguments: z.record(z.string(), z.unknown()),
  /** Base64url without padding. */
  bodySha256: z.string().max(64),
  bodyBytes: z.int().min(0),
  /** False when the arguments do not show the whole body. */
  bodyShown: z.boolean(),
  credential: z.string().max(128).nullable(),
});
export type RequestPreview = z.infer<typeof RequestPreview>;

export const ApprovalView = z.strictObject({
  approvalId: ApprovalId,
  sessionId: SessionId,
  agent: z.string(),
  operation: z.string(),
  rule: z.string(),
  /** Base64url of the SHA-256 digest. */
  digest: z.string(),
  /** The exact bytes the proxy sent, base64: what is hashed for the decision. Parsed: RequestPreview. */
  previewBase64: z.base64(),
  preview: RequestPreview,
  state: ApprovalState,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** GET /v1/approvals?state=&sessionId=&limit=; `waitMs` (at most 25 000) long-polls until one matches. */
export const ListApprovalsQuery = z.strictObject({
  state: ApprovalState.optional(),
  sessionId: SessionId.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  waitMs: z.coerce.number().int().min(0).max(25_000).default(0),
});
export const ListApprovalsResponse = z.strictObject({ approvals: z.array(ApprovalView) });
export type ListApprovalsResponse = z.infer<typeof ListApprovalsResponse>;

/** POST /v1/approvals/{id}/decision: a DSSE envelope whose payload is ApprovalDecision. */
export const DecideApprovalRequest = z.strictObject({ envelope: z.unknown() });

export const APPROVAL_DECISION_TYPE = 'application/vnd.aileron.approval-decision+json';
/** The signed payload of a decision. Digests are base64url without padding. */
export const ApprovalDecision = z.strictObject({
  tenantId: z.string().max(64),
  approvalId: ApprovalId,
  sessionId: SessionId,
  digest: z.string().max(64),
  previewSha256: z.string().max(64),
  decision: z.enum(['approve', 'deny']),
  approver: z.string().max(128),
  reason: z.string().max(1_024).nullable(),
  decidedAt: z.iso.datetime(),
  /** An approval not used by then is worth nothing. */
  expiresAt: z.iso.datetime(),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
