/** What a handler knows of a call. */
export interface CallContext {
  /** Aborted when the caller goes away or the deadline passes. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly tenantId: string | undefined;
  /** The service that calls, as its transport proved it. */
  readonly peer: string;
}
