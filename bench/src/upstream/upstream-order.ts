export interface UpstreamOrder {
  readonly key: string;
  readonly cert: string;
  /** What alone is let in. */
  readonly credentials: { readonly graphql: string; readonly rest: string };
  readonly eventsPerStream: number;
  readonly eventIntervalMs: number;
}

export interface UpstreamReady {
  readonly port: number;
}
