import type { IncomingHttpHeaders } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import { LocalConnections } from '@aileron/egress';
import { AileronError } from '@aileron/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GatewayConfig } from './config.js';
import { isWorthAnother, relayFailure } from './relay-failure.js';
import { SocketRelay } from './socket-relay.js';

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
/** 0 would be no retry. */
const AT_ONCE_MS = 1;

/** What the browser says of itself ends here: behind the gateway only the gateway is the caller. */
const DROPPED = ['cookie', 'origin', 'referer', 'host', 'authorization', 'forwarded', 'x-forwarded-for'];

export async function registerRelays(server: FastifyInstance, config: GatewayConfig): Promise<void> {
  const sockets = new SocketRelay(server);
  for (const relay of relaysOf(config)) {
    const { prefix, upstream, rewritePrefix } = relay;
    const connections = new LocalConnections();
    server.addHook('onClose', async () => connections.close());
    await server.register(httpProxy, {
      prefix,
      upstream,
      rewritePrefix,
      config: { access: 'session' },
      http: { requestOptions: { timeout: LONGEST_ANSWER_MS }, agents: connections.agents },
      replyOptions: {
        retryDelay: ({ err: error, attempt, req: { method } }) => {
          if (!isWorthAnother({ method, attempt, error })) return null;
          connections.dropIdle();
          return AT_ONCE_MS;
        },
        onError: (reply, { error }) => void (reply as FastifyReply).send(relayFailure(error)),
        rewriteRequestHeaders: (_: unknown, headers: IncomingHttpHeaders) => relayedHeaders(headers, relay),
      },
      preHandler: (request, reply, done) => {
        // The services answer plain HTTP where a path has no socket.
        if (!relay.websocket || request.headers.upgrade === undefined) return done();
        const headers = { ...relayedHeaders(request.headers, relay), ...handshake(request.headers) };
        sockets
          .relay(request, reply, () => ({ url: behind(request.url, relay), headers }))
          .then((relayed) => (relayed ? undefined : done()), done);
      },
    });
  }
}

/** A path with `..` in it would end elsewhere than where it was judged. */
function behind(path: string, { prefix, upstream }: Relay): string {
  const { pathname, href } = new URL(path, upstream);
  if (!pathname.startsWith(`${prefix}/`) || !href.startsWith(`${upstream}/`)) throw new AileronError('NOT_FOUND');
  return href;
}

/** What a WebSocket begins with, RFC 6455. */
function handshake(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('sec-websocket-'));
  return { ...Object.fromEntries(own), connection: 'Upgrade', upgrade: 'websocket' };
}

function relayedHeaders(headers: IncomingHttpHeaders, { authorization }: Relay): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !DROPPED.includes(name) && !name.startsWith('sec-'));
  return { ...Object.fromEntries(kept), ...(authorization === undefined ? {} : { authorization }) };
}
