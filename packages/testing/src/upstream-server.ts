import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TestAuthority } from './test-authority.js';

const MAX_BODY_BYTES = 32 << 20;
const MAX_SEEN = 5_000;
const CLOSE_MS = 2_000;

/** A request as it arrived, for a test to look at. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** In their order and spelling. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** All values of a header, whatever its spelling. */
  header(name: string): string[];
}

/** Somebody else's service, played on 127.0.0.1 over TLS. */
export interface UpstreamServer {
  /** The name its certificate is for. */
  readonly host: string;
  readonly port: number;
  /** `https://localhost:<port>` */
  readonly url: string;
  /** Of the authority to trust for it. */
  readonly caPem: string;
  /** Oldest first, the last 5,000. */
  readonly requests: readonly SeenRequest[];
  /** TCP connections accepted, also those that never spoke TLS. */
  connections(): number;
  /** Ends at once what is open; over after 2 s at most. */
  close(): Promise<void>;
}

export type UpstreamHandler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** Called once for each whole request, before it is answered: for who counts more than `requests` keeps. */
export type OnRequest = (request: SeenRequest) => void;

/** An HTTPS server for `host` that keeps what it sees and leaves answers to `handle`. */
export async function startUpstreamServer(
  host: string,
  handle: UpstreamHandler,
  onRequest: OnRequest = () => undefined,
): Promise<UpstreamServer> {
  const authority = await TestAuthority.create(`Aileron test authority for ${host}`);
  const requests: SeenRequest[] = [];
  const state = { connections: 0 };
  const certificate = await authority.issue([host, 'localhost', '127.0.0.1']);
  const server = createServer({ ...certificate, keepAliveTimeout: 60_000 }, (request, response) => {
    void serve(request, response, requests, (seen, answer) => {
      onRequest(seen);
      return handle(seen, answer);
    });
  });
  const sockets = trackSockets(server, state);
  const port = await listen(server);
  return {
    host,
    port,
    url: `https://localhost:${port}`,
    caPem: authority.certificatePem,
    requests,
    connections: () => state.connections,
    close: () => closeServer(server, sockets),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  requests: SeenRequest[],
  handle: UpstreamHandler,
): Promise<void> {
  response.on('error', () => undefined);
  try {
    const seen = seenRequest(request, await readBody(request));
    requests.push(seen);
    if (requests.length > MAX_SEEN) requests.shift();
    await handle(seen, response);
  } catch (error) {
    // The client went away, or the handler has a defect: the one who waits must not wait for ever.
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(String(error));
  }
}

function seenRequest(request: IncomingMessage, body: Buffer): SeenRequest {
  const raw = request.rawHeaders;
  const headers = raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []));
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    body,
    header: (name) => headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('the body is larger than 32 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers JSON. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

export function trackSockets(server: Server, state: { connections: number }): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    state.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  // A client that does not trust us ends its handshake: nothing of ours is wrong.
  server.on('tlsClientError', () => undefined);
  return sockets;
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CLOSE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    for (const socket of sockets) socket.destroy();
  });
}
