import {
  APPROVAL_DECISION_TYPE,
  LOCAL_TENANT_ID,
  type ApprovalDecision,
  type ApprovalView,
} from '@aileron/contracts/rest';
import { importSigningKey, signEnvelope, type StoredSigningKey } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';

export interface Decision {
  readonly decision: 'approve' | 'deny';
  readonly approver: string;
  readonly reason: string | null;
}

/** Signs what was shown — this digest, this preview — with the person's device key, and hands it in. */
export async function decideApproval(i: {
  api: LocalApi;
  deviceKey: StoredSigningKey;
  approval: ApprovalView;
  decision: Decision;
  now: Date;
}): Promise<ApprovalView> {
  const preview = Buffer.from(i.approval.previewBase64, 'base64');
  const payload: ApprovalDecision = {
    tenantId: LOCAL_TENANT_ID,
    approvalId: i.approval.approvalId,
    sessionId: i.approval.sessionId,
    digest: i.approval.digest,
    previewSha256: await sha256Base64Url(preview),
    ...i.decision,
    decidedAt: i.now.toISOString(),
    expiresAt: i.approval.expiresAt,
  };
  const envelope = await signEnvelope({
    payloadType: APPROVAL_DECISION_TYPE,
    payload: new TextEncoder().encode(JSON.stringify(payload)),
    key: await importSigningKey(i.deviceKey),
  });
  return i.api.decideApproval(i.approval.approvalId, envelope);
}

async function sha256Base64Url(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('base64url');
}
