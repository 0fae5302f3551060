import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { assertLoopback, hashToken } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import { problemOf, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { fastify, type FastifyInstance } from 'fastify';
import { BrowserSessions } from './browser-sessions.js';
import type { GatewayConfig } from './config.js';
import { authorizeRequest } from './gateway-access.js';
import { PAGE_HEADERS } from './page-headers.js';
import { registerRelays } from './relays.js';
import { linkOf, linkRoute, ownRoutes } from './routes.js';
import { SessionConnections } from './session-connections.js';
import { SessionFile } from './session-file.js';

const BODY_LIMIT_BYTES = 6 << 20;
const REQUEST_TIMEOUT_MS = 90_000;

export interface GatewayParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The one origin for browsers: it serves the page and relays its calls. */
export class GatewayServer {
  private constructor(
    private readonly server: FastifyInstance,
    private readonly sessions: BrowserSessions,
    /** http://host:port */
    readonly url: string,
  ) {}

  /** @throws AileronError CONFIG_INVALID, PORT_IN_USE */
  static async start(config: GatewayConfig, { clock, logger }: GatewayParts): Promise<GatewayServer> {
    assertLoopback(config.host);
    if (!existsSync(join(config.webDirectory, 'index.html'))) {
      const fields = [{ field: 'webDirectory', message: 'holds no index.html: build the page first' }];
      throw new AileronError('CONFIG_INVALID', { fields });
    }
    const server = makeServer(logger);
    const store = config.sessionsFile === null ? null : new SessionFile(config.sessionsFile, logger);
    const sessions = new BrowserSessions(clock, store);
    const tokenSha256 = hashToken(config.mgmtPlane.token.exposeString());
    const connections = new SessionConnections(sessions);
    server.addHook('onRequest', async (request) => {
      const sessionId = authorizeRequest(request, { sessions, tokenSha256 });
      if (sessionId !== undefined) connections.keep(request.raw.socket, sessionId);
    });
    server.addHook('onClose', async () => connections.close());
    ownRoutes(server, config, { sessions, connections });
    linkRoute(server, sessions);
    await registerRelays(server, config);
    await servePage(server, config.webDirectory);
    const url = await server.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
      throw portTaken(error, config.port);
    });
    return new GatewayServer(server, sessions, url);
  }

  /** A link that lets one browser in, once, within ten minutes. The code is in the fragment: no server logs it. */
  createLink(): string {
    return linkOf(this.url, this.sessions);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

function makeServer(logger: Logger): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
  });
  server.setErrorHandler((thrown: Error & { statusCode?: number }, _request, reply) => {
    const error = AileronError.is(thrown) ? thrown : fromFramework(thrown);
    if (error.code === 'INTERNAL') logger.error({ err: thrown }, 'gateway.failed');
    else if (error.definition.http >= 500) logger.warn({ err: thrown, code: error.code }, 'gateway.unanswered');
    void reply
      .code(error.definition.http)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problemOf(error, undefined)));
  });
  return server;
}

function fromFramework(thrown: Error & { statusCode?: number }): AileronError {
  const { statusCode = 500 } = thrown;
  if (statusCode === 413) return new AileronError('PAYLOAD_TOO_LARGE', {}, { cause: thrown });
  if (statusCode === 415) return new AileronError('UNSUPPORTED_MEDIA_TYPE', {}, { cause: thrown });
  if (statusCode >= 400 && statusCode < 500) return new AileronError('INVALID_ARGUMENT', {}, { cause: thrown });
  if (statusCode > 500) return new AileronError('UNAVAILABLE', {}, { cause: thrown });
  return new AileronError('INTERNAL', {}, { cause: thrown });
}

/** Files of the page; every other path that is not the API's is the page itself: it knows its own routes. */
async function servePage(server: FastifyInstance, root: string): Promise<void> {
  await server.register(async (page) => {
    page.addHook('onSend', async (_request, reply) => void reply.headers({ ...PAGE_HEADERS }));
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'page' };
    });
    await page.register(fastifyStatic, {
      root: join(root, 'assets'),
      prefix: '/assets/',
      immutable: true,
      maxAge: '365d',
      index: false,
    });
    page.get('/*', (request, reply) => {
      if (request.url.startsWith('/api/')) throw new AileronError('NOT_FOUND');
      return reply.header('cache-control', 'no-cache').sendFile('index.html', root, { cacheControl: false });
    });
  });
}

function portTaken(error: unknown, port: number): unknown {
  const taken = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
  return taken ? new AileronError('PORT_IN_USE', { port }, { cause: error }) : error;
}
