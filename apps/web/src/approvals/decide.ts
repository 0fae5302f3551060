import { APPROVAL_DECISION_TYPE, type ApprovalDecision, type ApprovalView } from '@aileron/contracts/rest';
import { fromBase64, signEnvelope, toBase64Url } from '@aileron/vault';
import { sendDecision } from '../api/approvals.js';
import type { Me } from '../api/me.js';
import { browserKey } from '../device/browser-key.js';

export interface Answer {
  readonly decision: 'approve' | 'deny';
  readonly reason: string | null;
}

/** Signs what was shown, this digest and this preview, with the key of this browser, and hands it in. */
export async function decide(approval: ApprovalView, me: Me, answer: Answer): Promise<ApprovalView> {
  const key = await browserKey();
  const preview = fromBase64(approval.previewBase64) ?? new Uint8Array();
  const payload: ApprovalDecision = {
    tenantId: me.tenantId,
    approvalId: approval.approvalId,
    sessionId: approval.sessionId,
    digest: approval.digest,
    previewSha256: toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(preview)))),
    decision: answer.decision,
    approver: me.userId,
    reason: answer.reason,
    decidedAt: new Date().toISOString(),
    expiresAt: approval.expiresAt,
  };
  const envelope = await signEnvelope({
    payloadType: APPROVAL_DECISION_TYPE,
    payload: new TextEncoder().encode(JSON.stringify(payload)),
    key: key.signing,
  });
  return sendDecision(approval.approvalId, { ...envelope, endorsement: key.endorsement } as typeof envelope);
}
