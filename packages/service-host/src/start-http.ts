import { type INestApplication } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertLoopback, accessRequest, authorize } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import { runWithContext } from '@aileron/telemetry';
import { fastify, type FastifyInstance } from 'fastify';
import { acceptRequestId } from './metadata.js';
import { portHolder } from './port-holder.js';
import { ProblemFilter, fromFramework, problemOf } from './problem-filter.js';
import type { HttpOptions } from './http-server.js';
import type { Logger } from '@aileron/telemetry';

const DEFAULT_BODY_LIMIT = 1 << 20;
const REQUEST_TIMEOUT_MS = 60_000;
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Fastify, bounded in every direction, that knows whom it answers before it reads a body. */
export function fastifyAdapter(options: HttpOptions): FastifyAdapter {
  assertLoopback(options.host);
  const server = fastify({
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 5_000,
    genReqId: (request) => acceptRequestId(one(request.headers['x-request-id'])),
    forceCloseConnections: true,
  });
  protect(server, options);
  return new FastifyAdapter(server as never);
}

function protect(server: FastifyInstance, options: HttpOptions): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    runWithContext({ requestId: request.id, tenantId: undefined, actor: undefined }, () => {
      try {
        // Host and Origin before anything else, unknown paths included; the token by the guard, which knows the route.
        authorize(accessRequest(request), 'public', options.access);
        if (!BODILESS.has(request.method) && !/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
          throw new AileronError('UNSUPPORTED_MEDIA_TYPE');
        }
        done();
      } catch (thrown) {
        refuse(reply, thrown);
      }
    });
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, server.getDefaultJsonParser('error', 'error'));
  server.setErrorHandler((thrown, _request, reply) => refuse(reply, thrown));
}

function refuse(reply: { status(code: number): { header(name: string, value: string): { send(body: Buffer): unknown } } }, thrown: unknown): void {
  const problem = problemOf(fromFramework(thrown));
  reply.status(problem.status).header('content-type', 'application/problem+json').send(Buffer.from(JSON.stringify(problem)));
}

/** Listens. Resolves with the URL. @throws AileronError PORT_IN_USE with the holder */
export async function listen(app: NestFastifyApplication, options: HttpOptions): Promise<string> {
  try {
    await app.listen(options.port, options.host);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && (cause.code === 'EADDRINUSE' || cause.code === 'EACCES'))) throw cause;
    throw new AileronError('PORT_IN_USE', { port: options.port, holder: portHolder(options.port) ?? 'unknown' }, { cause });
  }
  const { port } = (app.getHttpServer() as { address(): { port: number } }).address();
  return `http://${options.host}:${port}`;
}

export function configureHttp(app: INestApplication, logger: Logger): void {
  app.useGlobalFilters(new ProblemFilter(logger));
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
