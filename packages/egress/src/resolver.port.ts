/** Names to addresses. Injected: what resolves is what is judged, and what is judged is what is dialled. */
export interface Resolver {
  /** Every A and AAAA address, each in plain notation. Rejects when there is none. */
  resolve(host: string, signal: AbortSignal): Promise<readonly string[]>;
}
