/** What a handler knows of a call. */
export interface CallContext {
  /** Aborted when the caller goes away, the deadline passes or the service closes. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; absent on a stream that has none. */
  readonly deadline?: number | undefined;
  readonly requestId: string;
  /** As the peer says: it is worth as much as the peer is trusted. */
  readonly tenantId: string | undefined;
  /** The service that calls, as its transport proved it. */
  readonly peer: string;
}
