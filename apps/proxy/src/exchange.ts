import type { Duplex } from 'node:stream';
import type { AileronError } from '@aileron/errors';
import type { SessionCa } from '@aileron/tls';
import type { BodyReader, HeaderField, RequestHead } from './parse/canonical-request.js';

/** What the wire half needs to know of a session; the decision half's own type extends it. */
export interface SessionIdentity {
  readonly tenantId: string;
  readonly sessionId: string;
}

/** One CONNECT tunnel to an owned host whose TLS is terminated here. */
export interface TunnelContext<S extends SessionIdentity> {
  readonly session: S;
  /** Canonical; equal to the SNI and to the host of every request that reaches `handleExchange`. */
  readonly connectHost: string;
  readonly connectPort: number;
  /** null only when CONNECT named an IP address. */
  readonly sni: string | null;
  /** Aborts when the tunnel ends for whatever reason. */
  readonly signal: AbortSignal;
}

/** Fields that a problem body carries beside those of the error. Never a secret. */
export type ProblemExtra = Readonly<Record<string, string | number | boolean | readonly string[]>> & {
  /** Answered as the Retry-After header too. */
  readonly retryAfterSeconds?: number;
};

/** The answer to one request. The writer frames it: give it end-to-end headers. */
export interface ResponseWriter {
  /** Whether a final head was written: after that no problem body can be sent. */
  readonly headWritten: boolean;
  /** Bytes of body given to the agent. */
  readonly bodyBytes: number;
  /** Content-Length among the headers frames the body and is held to; without it the body is chunked. */
  writeHead(status: number, reason: string, headers: readonly HeaderField[]): void;
  /** A promise when the agent reads more slowly than we write: await it before the next chunk. */
  write(chunk: Buffer): Promise<void> | undefined;
  end(): Promise<void>;
  /** A whole RFC 9457 answer. */
  problem(error: AileronError, extra?: ProblemExtra): Promise<void>;
  /** Breaks the connection off, so that the agent sees a cut answer and not a short one. */
  abort(): void;
}

/** Who asks for the agent's own API: whoever is in the sandbox of this socket, or a session that showed its token. */
export type AgentApiCaller<S extends SessionIdentity> =
  | { readonly socketSessionId: string; readonly session: null }
  | { readonly socketSessionId: null; readonly session: S };

/** The bytes of one tunnel that was passed through untouched. */
export interface EgressRecord<S extends SessionIdentity> {
  readonly session: S;
  readonly host: string;
  readonly port: number;
  /** The vetted address that was dialled. */
  readonly address: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly end: 'closed' | 'idle' | 'cut' | 'error';
}

/** A request or tunnel that the wire half itself refused: nothing was resolved, dialled or decrypted for it. */
export interface RefusalRecord<S extends SessionIdentity> {
  /** null when it failed before it was authenticated; then the socket's session is all that is known, if it has one. */
  readonly session: S | null;
  readonly socketSessionId: string | null;
  readonly stage: 'accept' | 'tunnel' | 'parse' | 'dial';
  readonly host: string | null;
  readonly port: number | null;
  readonly error: AileronError;
}

/**
 * What the wire half calls. Errors: whatever is thrown is answered as a problem body when no head was written yet, and
 * cuts the connection otherwise; what is not an AileronError is answered as INTERNAL.
 */
export interface ProxyHandlers<S extends SessionIdentity> {
  /** @throws AileronError PROXY_AUTHENTICATION_REQUIRED, SESSION_ENDED, … */
  authenticate(input: {
    /** The whole header value: `Basic …` or `Bearer …`. */
    readonly proxyAuthorization: string | undefined;
    /** Whose socket this is: a token of another session does not pass here. Null on the port: the token alone says it. */
    readonly socketSessionId: string | null;
  }): S | Promise<S>;
  /** Before anything is resolved. `mediate` for owned hosts. @throws AileronError POLICY_DENIED, DESTINATION_REFUSED, … */
  tunnelDecision(session: S, host: string, port: number): 'mediate' | 'splice' | Promise<'mediate' | 'splice'>;
  /** Right before CONNECT is answered 200; whoever closes the socket cuts the tunnel. @throws AileronError FIREWALL_REFUSED */
  onTunnel(session: S, host: string, socket: Duplex): void;
  sessionCa(session: S): SessionCa | Promise<SessionCa>;
  handleExchange(
    tunnel: TunnelContext<S>,
    head: RequestHead,
    body: BodyReader,
    response: ResponseWriter,
    signal: AbortSignal,
  ): Promise<void>;
  /** Origin-form requests. The head carries the agent's `authorization`; on a session's socket it is not checked yet. */
  handleAgentApi(
    caller: AgentApiCaller<S>,
    head: RequestHead,
    body: BodyReader,
    response: ResponseWriter,
    signal: AbortSignal,
  ): Promise<void>;
  /** Once a splice ended. */
  onEgress(record: EgressRecord<S>): void;
  onRefusal(record: RefusalRecord<S>): void;
}
