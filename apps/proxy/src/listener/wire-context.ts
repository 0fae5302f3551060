import type { ProxyHandlers, SessionIdentity } from '../exchange.js';
import type { Clock } from '../ports/clock.port.js';
import type { UpstreamDialler } from '../upstream/upstream-dialler.js';

/** Milliseconds unless said otherwise. */
export interface WireLimits {
  /** From the first to the last byte of a head; from a tunnel's 200 to a whole ClientHello. */
  readonly headMs: number;
  readonly handshakeMs: number;
  /** Between two requests of one connection. */
  readonly idleMs: number;
  /** Between two pieces of a request's body. */
  readonly bodyIdleMs: number;
  /** A spliced tunnel without a byte in either direction. */
  readonly spliceIdleMs: number;
  /** Connections of one session at one time. */
  readonly maxConnections: number;
  /** How long a closed connection is still read from, so that the agent can read its refusal. */
  readonly lingerMs: number;
}

export const DEFAULT_WIRE_LIMITS: WireLimits = {
  headMs: 10_000,
  handshakeMs: 10_000,
  idleMs: 300_000,
  bodyIdleMs: 60_000,
  spliceIdleMs: 600_000,
  maxConnections: 256,
  lingerMs: 1_000,
};

/** What the connections of one listener share. */
export interface WireContext<S extends SessionIdentity> {
  /** Whose socket this is; null on the port, where a token says it. */
  readonly socketSessionId: string | null;
  /** Called once it is known whose connection this is. @throws AileronError RATE_LIMITED */
  readonly admit: (session: S) => void;
  readonly handlers: ProxyHandlers<S>;
  readonly dialler: UpstreamDialler;
  readonly limits: WireLimits;
  /** From the beginning of a connection to its first byte. */
  readonly firstMs: number;
  readonly clock: Clock;
}
