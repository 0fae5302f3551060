import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  accessRequest,
  assertLocalAccessOptions,
  assertLocalCaller,
  assertLoopback,
  isLoopbackAddress,
} from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import { runWithContext } from '@aileron/telemetry';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { acceptRequestId } from './metadata.js';
import { listenError } from './listen-error.js';
import { fromFramework, problemOf, sendProblem } from './problem-filter.js';
import type { HttpOptions } from './http-server.js';

const DEFAULT_BODY_LIMIT = 1 << 20;
const REQUEST_TIMEOUT_MS = 60_000;
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Fastify, bounded in every direction, that knows whom it answers before it reads a body. */
export function protectedFastify(options: HttpOptions): FastifyInstance {
  assertLoopback(options.host);
  assertLocalAccessOptions(options.access);
  const server = fastify({
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 5_000,
    genReqId: (request) => acceptRequestId(one(request.headers['x-request-id'])),
    forceCloseConnections: true,
    clientErrorHandler: (_error, socket) => refuseMalformed(socket),
    frameworkErrors: (error, request, reply) => sendProblem(reply, fromFramework(error), request.id),
  }) as unknown as FastifyInstance;
  protect(server, options);
  return server;
}

export const adapterOf = (server: FastifyInstance): FastifyAdapter => new FastifyAdapter(server as never);

function protect(server: FastifyInstance, options: HttpOptions): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
    try {
      // Host and Origin before anything else, unknown paths included; the token by the guard, which knows the route.
      assertLocalCaller(accessRequest(request), options.access);
      assertJson(request);
    } catch (thrown) {
      return sendProblem(reply, fromFramework(thrown), request.id);
    }
    return inContext(request, done);
  });
  // The body was read on the socket's own events, outside of the context: it is entered again.
  server.addHook('preHandler', (request, _reply, done) => inContext(request, done));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, server.getDefaultJsonParser('error', 'error'));
}

function assertJson({ method, headers }: FastifyRequest): void {
  const type = headers['content-type'];
  if (type === undefined && (BODILESS.has(method) || isEmpty(headers))) return;
  if (!/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type ?? ''))
    throw new AileronError('UNSUPPORTED_MEDIA_TYPE');
}

/** A call that says all by its path. A page of another origin cannot send one without its Origin, which is looked at. */
const isEmpty = (headers: FastifyRequest['headers']): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';

const inContext = (request: FastifyRequest, done: () => void): void =>
  runWithContext({ requestId: request.id, tenantId: undefined, actor: undefined }, done);

/** What is not HTTP has no request, and so no reply object. */
function refuseMalformed(socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problemOf(new AileronError('REQUEST_MALFORMED'), undefined));
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/problem+json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Listens. Resolves with the URL. @throws AileronError PORT_IN_USE with the holder, CONFIG_INVALID */
export async function listen(app: NestFastifyApplication, options: HttpOptions): Promise<string> {
  try {
    await app.listen(options.port, options.host);
  } catch (cause) {
    throw listenError(cause, options.port);
  }
  const { address, port } = (
    app.getHttpServer() as unknown as { address(): { address: string; port: number } }
  ).address();
  if (!isLoopbackAddress(address)) assertLoopback(address);
  return `http://${options.host === '::1' ? '[::1]' : options.host}:${port}`;
}

/** Takes no more connections; requests in flight have a bounded time, and what is still open then is cut. */
export async function drainHttp(app: NestFastifyApplication, withinMs: number): Promise<void> {
  const server = app.getHttpServer() as unknown as Server<never, typeof ServerResponse>;
  if (!server.listening) return;
  const timer = setTimeout(() => server.closeAllConnections(), withinMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
