import type { Socket } from 'node:net';
import type { SessionIdentity } from '../exchange.js';
import type { WireContext } from '../listener/wire-context.js';
import type { ByteSource } from '../parse/byte-source.js';
import type { TunnelTarget } from '../parse/request-head.js';

/** One tunnel after its 200. */
export interface Tunnel<S extends SessionIdentity> {
  readonly socket: Socket;
  readonly source: ByteSource;
  readonly context: WireContext<S>;
  readonly session: S;
  readonly target: TunnelTarget;
  readonly decision: 'mediate' | 'splice';
}
