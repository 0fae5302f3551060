import { createSecureContext, type SecureContext } from 'node:tls';
import { vetHost, type DeclaredDestination, type Resolver } from '@aileron/egress';
import { ConnectionPool } from './connection-pool.js';
import { dialTls } from './dial-tls.js';
import type { UpstreamConnection } from './upstream-connection.js';
import type { MappedUpstream, UpstreamScope } from './upstream.types.js';

export interface UpstreamDiallerOptions {
  readonly resolver: Resolver;
  /** Hosts that are reached at a fixed address instead of by resolving: demo and tests only. */
  readonly upstreamMap?: readonly MappedUpstream[];
  /** Private destinations that an administrator declared for internal connectors. */
  readonly declared?: readonly DeclaredDestination[];
  readonly connectTimeoutMs?: number;
  /** Roots instead of the public ones: tests. */
  readonly caPem?: string;
}

export interface DialRequest {
  readonly scope: UpstreamScope;
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

interface Destination {
  readonly address: string;
  readonly port: number;
  readonly secureContext: SecureContext;
}

const CONNECT_TIMEOUT_MS = 10_000;
const HTTPS_PORT = 443;
const CONTEXT = { minVersion: 'TLSv1.2' } as const;

/**
 * Resolves, vets and dials. Every request is vetted anew; a connection is used again only for the same tenant, session,
 * connector, host and vetted address.
 */
export class UpstreamDialler {
  readonly #pool = new ConnectionPool();
  readonly #context: SecureContext;
  readonly #mapped = new Map<string, Destination>();

  constructor(private readonly options: UpstreamDiallerOptions) {
    const { caPem } = options;
    this.#context = createSecureContext(caPem === undefined ? CONTEXT : { ...CONTEXT, ca: caPem });
    for (const { host, address, port, caPem: ca } of options.upstreamMap ?? []) {
      this.#mapped.set(host, { address, port, secureContext: createSecureContext({ ...CONTEXT, ca }) });
    }
  }

  /** @throws AileronError DESTINATION_REFUSED, UPSTREAM_UNREACHABLE, UPSTREAM_UNTRUSTED, CANCELLED */
  async dial({ scope, host, port, signal }: DialRequest): Promise<UpstreamConnection> {
    const { address, port: toPort, secureContext } = await this.#destination({ host, port, signal });
    const key = JSON.stringify([scope.tenantId, scope.sessionId, scope.connector, host, port, address, toPort]);
    const idle = this.#pool.take(key);
    if (idle !== null) return idle;
    const timeoutMs = this.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const socket = await dialTls({ host, address, port: toPort, secureContext, timeoutMs, signal });
    return this.#pool.adopt({ socket, key, address, sessionId: scope.sessionId });
  }

  /** Where a spliced tunnel goes: the vetted address, or the mapped one. */
  async vet({ host, port, signal }: Omit<DialRequest, 'scope'>): Promise<{ address: string; port: number }> {
    const { address, port: toPort } = await this.#destination({ host, port, signal });
    return { address, port: toPort };
  }

  /** Breaks off every connection of a session, in use or not. */
  closeSession(sessionId: string): void {
    this.#pool.closeSession(sessionId);
  }

  close(): void {
    this.#pool.closeSession(null);
  }

  async #destination(input: Omit<DialRequest, 'scope'>): Promise<Destination> {
    const mapped = input.port === HTTPS_PORT ? this.#mapped.get(input.host) : undefined;
    if (mapped !== undefined) return mapped;
    const { resolver, declared } = this.options;
    const address = await vetHost({ ...input, resolver, ...(declared === undefined ? {} : { declared }) });
    return { address, port: input.port, secureContext: this.#context };
  }
}
