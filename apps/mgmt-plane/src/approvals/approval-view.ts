import { ApprovalId, type ApprovalView, RequestPreview, SessionId } from '@aileron/contracts/rest';
import type { ApprovalRow } from './approval.js';

export function approvalView(row: ApprovalRow): ApprovalView {
  const preview = Buffer.from(row.preview);
  return {
    approvalId: ApprovalId.parse(row.approvalId),
    sessionId: SessionId.parse(row.sessionId),
    agent: row.agent,
    operation: row.operation,
    rule: row.rule,
    digest: Buffer.from(row.digest).toString('base64url'),
    previewBase64: preview.toString('base64'),
    preview: RequestPreview.parse(JSON.parse(preview.toString('utf8'))),
    state: row.state,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
    reason: row.reason,
  };
}
