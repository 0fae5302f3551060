import type { ApprovalState } from '@aileron/contracts/rest';

/** A row of the approval table. */
export interface ApprovalRow {
  readonly tenantId: string;
  readonly approvalId: string;
  readonly sessionId: string;
  readonly agent: string;
  /** SHA-256 over the request. */
  readonly digest: Uint8Array;
  readonly operation: string;
  readonly rule: string;
  /** JSON of RequestPreview, the exact bytes. */
  readonly preview: Uint8Array;
  readonly state: ApprovalState;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  /** DSSE envelope as JSON, as it was handed in. */
  readonly decision: Uint8Array | null;
}

export interface ApprovalKey {
  readonly tenantId: string;
  readonly approvalId: string;
}

/** A state that no event changes any more. */
export function isFinal(state: ApprovalState): boolean {
  return state !== 'pending' && state !== 'approved';
}
