import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { enter, startGatewayBefore } from './entered-gateway.fixture.js';
import type { GatewayServer } from './gateway.server.js';

const CHUNK = Buffer.alloc(64 << 10);
/** Far more than the buffers of two loopback connections. */
const FLOOD_BYTES = 256 << 20;

/** A workspace-manager of which only its streams are played. */
class Streams {
  readonly sockets = new WebSocketServer({ noServer: true });
  readonly seen: IncomingMessage[] = [];
  /** Bytes that were taken from the flood. */
  flooded = 0;
  onEventsClosed: () => void = () => undefined;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Streams> {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"type":"live"}\n\n');
      request.once('close', () => streams.onEventsClosed());
    });
    const streams = new Streams(server);
    server.on('upgrade', (request, socket, head) => {
      streams.seen.push(request);
      if (request.url === '/api/v1/none')
        return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone');
      streams.sockets.handleUpgrade(request, socket, head, (own) => {
        own.on('message', (data, binary) => own.send(data, { binary }));
        if (request.url === '/api/v1/flood') streams.flood(own);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return streams;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private flood(socket: WebSocket): void {
    const next = (): void => {
      if (this.flooded >= FLOOD_BYTES || socket.readyState !== WebSocket.OPEN) return;
      // `send` calls back once the kernel has taken it.
      socket.send(CHUNK, () => {
        this.flooded += CHUNK.length;
        next();
      });
    };
    next();
  }

  close(): void {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.close();
    this.server.closeAllConnections();
  }
}

let streams: Streams;
let gateway: GatewayServer;
let cookie: string;

beforeAll(async () => {
  streams = await Streams.start();
  gateway = await startGatewayBefore(streams.url);
  cookie = await enter(gateway);
});
afterAll(async () => {
  await gateway.close();
  streams.close();
});

const open = (path: string, headers: Readonly<Record<string, string>> = { cookie, origin: gateway.url }): WebSocket =>
  new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, { headers });

const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });

/** The status with which a socket is refused. */
const refusal = (socket: WebSocket): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('it was opened')));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });

describe('a WebSocket through the gateway', () => {
  it('carries text and bytes both ways, and nothing of the browser behind it', async () => {
    const socket = open('/api/v1/echo?epoch=e&seq=1');
    await opened(socket);
    const answers: [string, boolean][] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer, binary) => {
        answers.push([data.toString(), binary]);
        if (answers.length === 2) resolve();
      });
    });
    socket.send('text');
    socket.send(Buffer.from('bytes'));
    await all;
    expect(answers).toEqual([
      ['text', false],
      ['bytes', true],
    ]);
    const { url, headers } = streams.seen.at(-1) ?? {};
    expect(url).toBe('/api/v1/echo?epoch=e&seq=1');
    expect([headers?.cookie, headers?.origin, headers?.authorization]).toEqual([undefined, undefined, undefined]);
    socket.terminate();
  });

  it('is refused without a session, to another page, and outside the relay', async () => {
    expect(await refusal(open('/api/v1/echo', { origin: gateway.url }))).toBe(401);
    expect(await refusal(open('/api/v1/echo', { cookie, origin: 'http://evil.example' }))).toBe(403);
    expect(await refusal(open('/api/v1/none'))).toBe(404);
    expect(await refusal(open('/api/me'))).toBe(200);
    const before = streams.seen.length;
    expect(await refusal(open('/api/v1/../../docs'))).toBeGreaterThanOrEqual(200);
    expect(streams.seen.length).toBe(before);
  });

  it('slows down who writes to a reader that does not read', async () => {
    const socket = open('/api/v1/flood');
    await opened(socket);
    socket.pause();
    let before = -1;
    // It has stopped once nothing more is taken; a gateway that keeps it all would take it to the end.
    while (streams.flooded !== before) {
      before = streams.flooded;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(streams.flooded).toBeLessThan(FLOOD_BYTES / 2);
    socket.terminate();
  });

  it('ends with the session that opened it, and no other does', async () => {
    const leaving = await enter(gateway);
    const headers = { cookie: leaving, origin: gateway.url };
    const [left, stays] = [open('/api/v1/echo', headers), open('/api/v1/echo')];
    await Promise.all([opened(left), opened(stays)]);
    const closed = new Promise((resolve) => left.once('close', resolve));
    left.on('error', () => undefined);
    const answer = await fetch(`${gateway.url}/api/leave`, { method: 'POST', headers });
    expect(answer.status).toBe(204);
    await closed;
    const echoed = new Promise((resolve) => stays.once('message', (data: Buffer) => resolve(data.toString())));
    stays.send('still there');
    expect(await echoed).toBe('still there');
    stays.terminate();
  });

  it('ends behind the gateway when the browser leaves, and the other way round', async () => {
    const socket = open('/api/v1/echo');
    await opened(socket);
    const [behind] = [...streams.sockets.clients].slice(-1);
    const closed = new Promise((resolve) => behind?.once('close', resolve));
    socket.terminate();
    await closed;
    const other = open('/api/v1/echo');
    await opened(other);
    const left = new Promise((resolve) => other.once('close', resolve));
    [...streams.sockets.clients].at(-1)?.terminate();
    await left;
  });
});

describe('server-sent events through the gateway', () => {
  it('arrive as they are sent, and end behind it when the browser leaves', async () => {
    const gone = new Promise<void>((resolve) => (streams.onEventsClosed = resolve));
    const { hostname, port } = new URL(gateway.url);
    const first = await new Promise<string>((resolve, reject) => {
      const request = httpRequest({ hostname, port, path: '/api/v1/events', headers: { cookie } }, (response) => {
        response.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
          request.destroy();
        });
        response.on('error', () => undefined);
      });
      request.once('error', reject).end();
    });
    expect(first).toBe('data: {"type":"live"}\n\n');
    await gone;
  });
});
