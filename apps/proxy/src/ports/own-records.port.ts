/** An approval as the agent may see it: its own session's. */
export interface OwnApproval {
  readonly approvalId: string;
  readonly operation: string;
  readonly rule: string;
  readonly state: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Null until decided. */
  readonly decidedAt: string | null;
  readonly reason: string | null;
}

/** What a session may read about itself. */
export interface OwnRecords {
  /** Newest first, at most 100. */
  approvals(input: { tenantId: string; sessionId: string; signal: AbortSignal }): Promise<readonly OwnApproval[]>;
  /** JSON lines of the audit log, newest first. */
  audit(input: {
    tenantId: string;
    sessionId: string;
    limit: number;
    signal: AbortSignal;
  }): Promise<readonly Uint8Array[]>;
}
