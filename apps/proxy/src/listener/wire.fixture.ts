// What the tests of the wire half share: a session's socket with a real CA, handlers that note what they were asked.
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resolver } from '@aileron/egress';
import { AileronError } from '@aileron/errors';
import { connectHead, connectThroughProxy, RawClient, type RawResponse } from '@aileron/testing';
import { SessionCa } from '@aileron/tls';
import type { EgressRecord, ProxyHandlers, RefusalRecord, SessionIdentity } from '../exchange.js';
import type { RequestHead } from '../parse/canonical-request.js';
import { UpstreamDialler } from '../upstream/upstream-dialler.js';
import type { MappedUpstream } from '../upstream/upstream.types.js';
import { openSessionListener, type SessionListener } from './session-listener.js';
import type { WireLimits } from './wire-context.js';

export const OWNED = 'api.owned.example';
export const OTHER_OWNED = 'api.other.example';
export const OPEN = 'www.open.example';
export const DENIED = 'www.denied.example';
export const TOKEN = 'agent-token-of-this-session';

type Handlers = ProxyHandlers<SessionIdentity>;

export interface WireProxyOptions {
  readonly exchange?: Handlers['handleExchange'];
  readonly agentApi?: Handlers['handleAgentApi'];
  readonly limits?: Partial<WireLimits>;
  readonly upstreamMap?: readonly MappedUpstream[];
  /** By name; what is not there does not resolve. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

export class WireProxy {
  readonly refusals: RefusalRecord<SessionIdentity>[] = [];
  readonly egress: EgressRecord<SessionIdentity>[] = [];
  readonly heads: RequestHead[] = [];
  readonly resolved: string[] = [];

  private constructor(
    readonly ca: SessionCa,
    readonly listener: SessionListener,
    readonly dialler: UpstreamDialler,
  ) {}

  static async start(options: WireProxyOptions = {}): Promise<WireProxy> {
    const ca = await SessionCa.create({ sessionId: 'ses_wire', now: new Date(), ttlSeconds: 3_600 });
    const path = join(await mkdtemp(join(tmpdir(), 'ail-')), randomBytes(4).toString('hex'), 'proxy.sock');
    const proxy: { current: WireProxy | null } = { current: null };
    const noted = (): WireProxy => proxy.current ?? unreachable();
    const resolver: Resolver = {
      resolve: async (host) => {
        noted().resolved.push(host);
        return options.addresses?.[host] ?? [];
      },
    };
    const dialler = new UpstreamDialler({ resolver, upstreamMap: options.upstreamMap ?? [], connectTimeoutMs: 2_000 });
    const handlers = makeHandlers(options, ca, noted);
    const clock = { now: () => Date.now() };
    const { limits = {} } = options;
    const listener = await openSessionListener({ path, sessionId: 'ses_wire', handlers, dialler, clock, limits });
    proxy.current = new WireProxy(ca, listener, dialler);
    return proxy.current;
  }

  get address(): { socketPath: string } {
    return { socketPath: this.listener.path };
  }

  /** Bytes to the socket itself, in the clear. */
  raw(): Promise<RawClient> {
    return RawClient.connect(this.address);
  }

  async connect(head: string): Promise<{ client: RawClient; response: RawResponse }> {
    return await connectThroughProxy({ proxy: this.address, head });
  }

  /** A tunnel whose TLS this proxy ends. */
  async tunnel(host = OWNED, input: { servername?: string | null; authority?: string } = {}): Promise<RawClient> {
    const servername = input.servername === undefined ? host : input.servername;
    const head = connectHead(input.authority ?? `${host}:443`, TOKEN);
    const tls = { caPem: this.ca.certificatePem, servername, alpn: ['http/1.1'] };
    return (await connectThroughProxy({ proxy: this.address, head, tls })).client;
  }

  /** One request in a tunnel of its own. */
  async request(bytes: string | Buffer, host = OWNED): Promise<RawResponse> {
    using client = await this.tunnel(host);
    client.write(bytes);
    return await client.readResponse();
  }

  async stop(): Promise<void> {
    await this.listener.close();
    this.dialler.close();
  }
}

function makeHandlers(options: WireProxyOptions, ca: SessionCa, noted: () => WireProxy): Handlers {
  const session: SessionIdentity = { tenantId: 'ten_test', sessionId: 'ses_wire' };
  return {
    authenticate: ({ proxyAuthorization }) => {
      const basic = `Basic ${Buffer.from(`session:${TOKEN}`).toString('base64')}`;
      if (proxyAuthorization !== basic) throw new AileronError('PROXY_AUTHENTICATION_REQUIRED');
      return session;
    },
    tunnelDecision: (_, host) => {
      if (host === DENIED) throw new AileronError('POLICY_DENIED', { rule: 'no-denied' });
      return host === OWNED || host === OTHER_OWNED || host === '203.0.113.9' ? 'mediate' : 'splice';
    },
    onTunnel: () => undefined,
    sessionCa: () => ca,
    handleExchange: async (tunnel, head, body, response, signal) => {
      noted().heads.push(head);
      await (options.exchange ?? echo)(tunnel, head, body, response, signal);
    },
    handleAgentApi: async (id, head, body, response, signal) => {
      noted().heads.push(head);
      await (options.agentApi ?? ((_, ...exchange) => echo(null, ...exchange)))(id, head, body, response, signal);
    },
    onEgress: (record) => noted().egress.push(record),
    onRefusal: (record) => noted().refusals.push(record),
  };
}

type Echo = (
  tunnel: unknown,
  ...exchange: Parameters<Handlers['handleExchange']> extends [unknown, ...infer R] ? R : never
) => Promise<void>;

/** Answers with what it was asked. */
export const echo: Echo = async (_, head, body, response, signal) => {
  const bytes = await body.readAll(1_000_000, signal);
  const answer = Buffer.from(JSON.stringify({ ...head, body: bytes.toString('latin1') }));
  response.writeHead(200, 'OK', [
    ['content-type', 'application/json'],
    ['content-length', String(answer.length)],
  ]);
  await response.write(answer);
  await response.end();
};

function unreachable(): never {
  throw new Error('asked before it was there');
}

/** Waits for something that other sockets bring about; fails after 20 s. */
export async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!done()) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
