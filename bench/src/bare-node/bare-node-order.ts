export interface BareNodeOrder {
  readonly upstreamPort: number;
  readonly upstreamCaPem: string;
  readonly credentials: { readonly graphql: string; readonly rest: string };
  readonly probeSocket: string;
}

export interface BareNodeReady {
  readonly port: number;
  readonly caPem: string;
}
