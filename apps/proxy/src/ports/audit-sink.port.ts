/** Where the lines of the proxy's own log go next. The log on disk stays the original. */
export interface AuditSink {
  /** Appends whole lines of one stream, in order; an empty list only asks. Answers the highest number that is stored. */
  ship(input: {
    tenantId: string;
    streamId: string;
    lines: readonly Uint8Array[];
    signal: AbortSignal;
  }): Promise<{ acknowledgedSeq: number }>;
}
