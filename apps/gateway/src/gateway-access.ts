import { accessRequest, assertLocalCaller, authorize } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import type { FastifyRequest } from 'fastify';
import type { BrowserSessions } from './browser-sessions.js';
import { readSessionCookie } from './session-cookie.js';

/** What a route of the gateway asks of its caller. */
export type GatewayRoute = 'page' | 'public' | 'session' | 'local-token';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that states nothing is refused. */
    readonly access?: GatewayRoute;
  }
}

export interface GatewayKnowledge {
  readonly sessions: BrowserSessions;
  /** Of the home's local token. */
  readonly tokenSha256: Uint8Array;
}

const READS = new Set(['GET', 'HEAD']);

/**
 * The Host is this machine, a page's call is of the gateway's own page, and what is behind the link needs its session, which
 * is returned; undefined where a route asks for none.
 * @throws AileronError ORIGIN_REFUSED, UNAUTHENTICATED, PERMISSION_DENIED
 */
export function authorizeRequest(
  request: FastifyRequest,
  { sessions, tokenSha256 }: GatewayKnowledge,
): string | undefined {
  const { access } = request.routeOptions.config;
  const caller = accessRequest(request);
  // A link on another site may lead to the page; what the page then calls is judged by itself.
  if (access === 'page') {
    assertLocalCaller({ ...caller, origin: undefined, secFetchSite: undefined }, NOBODY);
    return undefined;
  }
  // Whoever can read the home's service.json: the command line, and no page.
  if (access === 'local-token') {
    authorize(caller, 'local-token', { tokenSha256, allowedOrigins: [] });
    return undefined;
  }
  assertLocalCaller(caller, { ...NOBODY, allowedOrigins: ownOrigins(caller.localPort) });
  if (access === undefined) throw new AileronError('PERMISSION_DENIED');
  // Every browser names the page that changes something; a request that names none comes from no page of ours.
  if (!READS.has(request.method) && caller.origin === undefined) {
    throw new AileronError('ORIGIN_REFUSED', { field: 'origin' });
  }
  if (access === 'public') return undefined;
  const sessionId = readSessionCookie(request.headers.cookie);
  if (sessionId === undefined || !sessions.isAlive(sessionId)) throw new AileronError('UNAUTHENTICATED');
  return sessionId;
}

const NOBODY = { tokenSha256: new Uint8Array(), allowedOrigins: [] };

const ownOrigins = (port: number | undefined): string[] =>
  ['127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}${port === 80 ? '' : `:${port}`}`);
