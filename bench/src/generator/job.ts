import type { Spread } from '../measure/percentile.js';
import type { Dial } from './dial.js';
import type { RequestKind } from './request-bytes.js';

/** Connections that have answered one call: what follows costs no handshake. */
export interface Opening {
  readonly dial: Dial;
  readonly kind: RequestKind;
  readonly connections: number;
}

/** Work for the connections that are open. */
export type Load =
  | { readonly job: 'saturate'; readonly seconds: number }
  | { readonly job: 'pace'; readonly perSecond: number; readonly seconds: number }
  | { readonly job: 'streams' }
  | { readonly job: 'transfer'; readonly count: number };

/** A way and a host that were never used before. */
export interface ColdTunnel {
  readonly dial: Dial;
  readonly host: string;
}

/** What the generator is told to do. */
export type Job =
  | Load
  | ({ readonly job: 'open' } & Opening)
  | { readonly job: 'close' }
  | { readonly job: 'cold'; readonly tunnels: readonly ColdTunnel[] }
  | { readonly job: 'hold'; readonly dials: readonly Dial[]; readonly tunnels: number }
  | { readonly job: 'let-go' };

export interface JobResult {
  /** Requests, events, transfers or tunnels. */
  readonly count: number;
  readonly seconds: number;
  /** Of answers, ms. */
  readonly latencyMs: Spread;
}
