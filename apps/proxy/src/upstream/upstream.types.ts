import type { Secret } from '@aileron/vault';
import type { SecretScrubber } from '../inject/secret-scrubber.js';
import type { HeaderField } from '../parse/canonical-request.js';
import type { UpstreamBody } from './upstream-body.js';

/** Connections of one scope are never used by another. */
export interface UpstreamScope {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly connector: string;
}

/** A host reached at a fixed address with a CA of its own (demo and tests only). */
export interface MappedUpstream {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly caPem: string;
}

/** The credential as it is written: `<headerName>: <prefix><secret>`. */
export interface SecretInjection {
  readonly headerName: string;
  readonly prefix: string;
  readonly secret: Secret;
}

export interface UpstreamRequest {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  /** Canonical origin-form, `RequestHead.target`. */
  readonly target: string;
  /** End-to-end headers without the agent's credentials: `screenAgentCredentials`. */
  readonly headers: readonly HeaderField[];
  readonly injection: SecretInjection | null;
  /** Masks the secret in the head of the answer; give it whenever something is injected. */
  readonly scrubber: SecretScrubber | null;
  /** null: none. An iterable is sent with `bodyLength`, or chunked when that is null. */
  readonly body: Buffer | AsyncIterable<Buffer> | null;
  readonly bodyLength: number | null;
  /** Aborting breaks the connection off. */
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly reason: string;
  /** As they came, already masked; `agentHeaders` of relay makes them fit for the agent. */
  readonly headers: readonly HeaderField[];
  /** Trailers are read and dropped. */
  readonly body: UpstreamBody;
}
