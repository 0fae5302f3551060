import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AileronError } from '@aileron/errors';
import { isLoopbackAddress } from '@aileron/auth';
import { listenError } from './listen-error.js';

/** What operators ask of one process. */
export interface OpsSource {
  readonly service: string;
  readonly version: string;
  /** Whether it takes work now, by service. */
  readiness(): Promise<Readonly<Record<string, boolean>>>;
  /** The exposition text of Prometheus. */
  metrics(): Promise<string>;
}

export interface OpsServer {
  /** http://host:port */
  readonly url: string;
  close(): Promise<void>;
}

const READ_WITHIN_MS = 5_000;
const LONGEST_HEAD_BYTES = 8_192;

/**
 * `/health/live`, `/health/ready`, `/metrics`, to read and nothing else: no secret and no content is behind them. On
 * loopback a Host of another name is refused, so that a rebound page reads nothing.
 * @throws AileronError PORT_IN_USE with the holder, CONFIG_INVALID
 */
export async function startOpsServer(
  source: OpsSource,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<OpsServer> {
  const server = createServer(
    { headersTimeout: READ_WITHIN_MS, requestTimeout: READ_WITHIN_MS, maxHeaderSize: LONGEST_HEAD_BYTES },
    (request, response) => void answer(request, response, source).catch(() => response.destroy()),
  );
  server.maxConnections = 64;
  await listen(server, host, port);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close: () => close(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, source: OpsSource): Promise<void> {
  const onLoopback = isLoopbackAddress(request.socket.localAddress ?? '127.0.0.1');
  if (onLoopback && !namesLoopback(request.headers.host)) return problem(response, new AileronError('ORIGIN_REFUSED'));
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, { allow: 'GET, HEAD' }, '');
  const { service, version } = source;
  switch (request.url) {
    case '/health/live':
      return sendJson(response, 200, { status: 'ok', service, version });
    case '/health/ready': {
      const services = await source.readiness();
      const ready = Object.values(services).every(Boolean);
      return sendJson(response, ready ? 200 : 503, { status: ready ? 'ok' : 'not-ready', version, services });
    }
    case '/metrics':
      return send(response, 200, { 'content-type': 'text/plain; version=0.0.4' }, await source.metrics());
    default:
      return problem(response, new AileronError('NOT_FOUND'));
  }
}

const namesLoopback = (host: string | undefined): boolean =>
  /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(host ?? '');

const sendJson = (response: ServerResponse, status: number, value: object): void =>
  send(response, status, { 'content-type': 'application/json' }, JSON.stringify(value));

const problem = (response: ServerResponse, { code, message, definition }: AileronError): void =>
  sendJson(response, definition.http, { code, title: message, status: definition.http });

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  response.writeHead(status, { ...headers, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(body);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port)));
    server.listen({ host, port }, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
