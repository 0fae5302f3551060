import { APPROVAL_DECISION_TYPE, ApprovalDecision } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { toBase64Url, verifyEndorsement, verifyEnvelope } from '@aileron/vault';
import { z } from 'zod';
import { type StoredApproval } from '../ports/approvals.port.js';
import { type Approver } from '../sessions/trusted-keys.js';

/** What a decision must be about. */
export interface DecisionSubject {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly digest: Uint8Array;
  readonly previewSha256: Uint8Array;
}

export interface VerifiedDecision {
  readonly decision: 'approve' | 'deny';
  readonly approver: Approver;
  readonly reason: string | null;
  /** As signed, milliseconds since 1970: the row's own expiry is not believed. */
  readonly expiresAt: number;
}

/**
 * A decision as a person signed it. The row of the database counts for nothing here: the key must be one of the
 * configuration, and the payload must name this approval, session, digest and preview and still be in time.
 * APPROVAL_INVALID (with a reason) or APPROVAL_EXPIRED.
 */
export async function verifyDecision(input: {
  approval: StoredApproval;
  subject: DecisionSubject;
  approvers: readonly Approver[];
  now: number;
}): Promise<VerifiedDecision> {
  const { approval, subject, now } = input;
  const { payload, keyId, approvers } = await openEnvelope(approval.decision, input);
  const decision = parseDecision(payload);
  const approver = approvers.find(({ key }) => key.keyId === keyId);
  if (approver === undefined) throw invalid('no-trusted-key');
  const mismatch = findMismatch(decision, approval, subject);
  if (mismatch !== null) throw invalid(mismatch);
  const expiresAt = Date.parse(decision.expiresAt);
  if (expiresAt <= now) throw new AileronError('APPROVAL_EXPIRED');
  return { decision: decision.decision, approver, reason: decision.reason, expiresAt };
}

/** The envelope may bring an endorsement of the device that signed it, by one of the configuration. */
async function openEnvelope(
  bytes: Uint8Array,
  { approvers, subject, now }: { approvers: readonly Approver[]; subject: DecisionSubject; now: number },
) {
  if (bytes.length === 0) throw invalid('not-signed');
  try {
    const envelope: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const { endorsement } = Endorsed.parse(envelope);
    const endorsed = { envelope: endorsement, tenantId: subject.tenantId, devices: approvers, now };
    const known = endorsement === undefined ? approvers : [...approvers, await verifyEndorsement(endorsed)];
    const keys = known.map(({ key }) => key);
    const { payload, keyId } = await verifyEnvelope({ envelope, payloadType: APPROVAL_DECISION_TYPE, keys });
    return { payload, keyId, approvers: known };
  } catch (cause) {
    const reason = AileronError.is(cause) ? reasonOf(cause) : 'malformed';
    throw new AileronError('APPROVAL_INVALID', { reason }, { cause });
  }
}

const Endorsed = z.looseObject({ endorsement: z.unknown().optional() });

function parseDecision(payload: Uint8Array): ApprovalDecision {
  try {
    return ApprovalDecision.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch (cause) {
    throw new AileronError('APPROVAL_INVALID', { reason: 'payload' }, { cause });
  }
}

function findMismatch(decision: ApprovalDecision, approval: StoredApproval, subject: DecisionSubject): string | null {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['other-tenant', decision.tenantId, subject.tenantId],
    ['other-approval', decision.approvalId, approval.approvalId],
    ['other-session', decision.sessionId, subject.sessionId],
    ['other-request', decision.digest, toBase64Url(subject.digest)],
    ['other-preview', decision.previewSha256, toBase64Url(subject.previewSha256)],
  ];
  return pairs.find(([, signed, expected]) => signed !== expected)?.[0] ?? null;
}

/** As the envelope's check names it. */
function reasonOf({ details }: AileronError): string {
  return typeof details['reason'] === 'string' ? details['reason'] : 'signature';
}

const invalid = (reason: string) => new AileronError('APPROVAL_INVALID', { reason });
