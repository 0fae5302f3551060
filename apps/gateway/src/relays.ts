import type { IncomingHttpHeaders } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from './config.js';

interface Relay {
  /** Of the page's paths. */
  readonly prefix: string;
  readonly upstream: string;
  /** What stands there instead of the prefix. */
  readonly rewritePrefix: string;
  readonly authorization: string | undefined;
  readonly websocket: boolean;
}

/** One origin for the browser: which path belongs to which service. The one table for laptop, compose and ingress. */
function relaysOf({ mgmtPlane, workspaceManager }: GatewayConfig): Relay[] {
  const management = {
    prefix: '/api/mgmt',
    upstream: mgmtPlane.url,
    rewritePrefix: '',
    authorization: `Bearer ${mgmtPlane.token.exposeString()}`,
    websocket: false,
  };
  if (workspaceManager === null) return [management];
  const { url: upstream } = workspaceManager;
  return [
    management,
    { prefix: '/api/v1', upstream, rewritePrefix: '/api/v1', authorization: undefined, websocket: true },
  ];
}

const LONGEST_ANSWER_MS = 60_000;

/** What the browser says of itself ends here: behind the gateway only the gateway is the caller. */
const DROPPED = ['cookie', 'origin', 'referer', 'host', 'authorization', 'forwarded', 'x-forwarded-for'];

export async function registerRelays(server: FastifyInstance, config: GatewayConfig): Promise<void> {
  for (const relay of relaysOf(config)) {
    const { prefix, upstream, rewritePrefix } = relay;
    const common = {
      prefix,
      upstream,
      rewritePrefix,
      config: { access: 'session' },
      http: { requestOptions: { timeout: LONGEST_ANSWER_MS } },
      replyOptions: {
        rewriteRequestHeaders: (_: unknown, headers: IncomingHttpHeaders) => relayedHeaders(headers, relay),
      },
    } as const;
    await (relay.websocket
      ? server.register(httpProxy, { ...common, websocket: true })
      : server.register(httpProxy, common));
  }
}

function relayedHeaders(headers: IncomingHttpHeaders, { authorization }: Relay): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !DROPPED.includes(name) && !name.startsWith('sec-'));
  return { ...Object.fromEntries(kept), ...(authorization === undefined ? {} : { authorization }) };
}
