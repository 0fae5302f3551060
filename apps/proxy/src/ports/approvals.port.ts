/** An approval as the management plane has it. Nothing in it is believed but what the decision's signature covers. */
export interface StoredApproval {
  readonly approvalId: string;
  readonly sessionId: string;
  readonly digest: Uint8Array;
  readonly rule: string;
  readonly state: 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled' | 'consumed';
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** JSON of a DSSE envelope; empty until decided. */
  readonly decision: Uint8Array;
}

/** Durable approvals. */
export interface Approvals {
  /** Finds the open approval of this session and digest, or creates a pending one. */
  request(input: {
    tenantId: string;
    sessionId: string;
    digest: Uint8Array;
    operation: string;
    rule: string;
    /** JSON of RequestPreview. */
    preview: Uint8Array;
    ttlSeconds: number;
    signal: AbortSignal;
  }): Promise<StoredApproval>;
  /** The approval now, then each change; ends when it is final. */
  watch(input: { tenantId: string; approvalId: string; signal: AbortSignal }): AsyncIterable<StoredApproval>;
  /** approved → consumed. Succeeds once; PRECONDITION_FAILED afterwards or in any other state. */
  consume(input: { tenantId: string; approvalId: string; digest: Uint8Array; signal: AbortSignal }): Promise<void>;
}
