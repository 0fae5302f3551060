import { StoredVerifyingKey } from '@aileron/vault';
import { AileronError } from '@aileron/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { BrowserSessions } from './browser-sessions.js';
import type { GatewayConfig } from './config.js';
import { readSessionCookie, sessionCookie } from './session-cookie.js';
import type { SessionConnections } from './session-connections.js';
import { VERSION } from './version.js';

const Enter = z.strictObject({ code: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is not a code of a link') });

export interface BrowserParts {
  readonly sessions: BrowserSessions;
  readonly connections: SessionConnections;
}

/** The gateway's own routes: entering by a link, leaving, who one is, a key for this browser. */
export function ownRoutes(server: FastifyInstance, config: GatewayConfig, parts: BrowserParts): void {
  const { sessions, connections } = parts;
  server.get('/health', { config: { access: 'public' } }, () => ({
    status: 'ok',
    service: 'gateway',
    version: VERSION,
  }));
  server.post('/api/enter', { config: { access: 'public' } }, async (request, reply) => {
    const { code } = parse(Enter, request.body);
    const { sessionId, maxAgeSeconds } = sessions.enter(code);
    return reply.header('set-cookie', sessionCookie(sessionId, maxAgeSeconds)).code(204).send();
  });
  server.post('/api/leave', { config: { access: 'session' } }, async (request, reply) => {
    sessions.leave(readSessionCookie(request.headers.cookie) ?? '');
    connections.cut(request.raw.socket);
    return reply.header('set-cookie', sessionCookie('', 0)).code(204).send();
  });
  server.get('/api/me', { config: { access: 'session' } }, () => ({
    ...config.person,
    version: VERSION,
    decides: config.endorseBrowser !== null,
    workspaces: config.workspaceManager !== null,
    auditKeys: config.auditKeys,
    serviceKeys: config.serviceKeys,
  }));
  server.post('/api/device', { config: { access: 'session' } }, async (request) => {
    const { endorseBrowser } = config;
    if (endorseBrowser === null) throw new AileronError('UNIMPLEMENTED');
    return { endorsement: await endorseBrowser(parse(StoredVerifyingKey, request.body)) };
  });
}

/** The code is in the fragment, which no server sees. */
export const linkOf = (url: string, sessions: BrowserSessions): string => `${url}/enter#${sessions.createCode()}`;

/** A new link for whoever holds the home's local token: `aileron open`. */
export function linkRoute(server: FastifyInstance, sessions: BrowserSessions): void {
  server.post('/api/links', { config: { access: 'local-token' } }, (request) => ({
    link: linkOf(`http://${request.host}`, sessions),
  }));
}

/** @throws AileronError INVALID_ARGUMENT with the fields */
function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
