import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { enter, startGatewayBefore } from './entered-gateway.fixture.js';
import type { GatewayServer } from './gateway.server.js';

/** A service that can close a connection as a request comes over it, as one does whose time is over. */
class Closing {
  readonly seen: { method: string; connection: number }[] = [];
  readonly ended: Promise<void>[] = [];
  /** Requests that are still to find their connection closed. */
  closes = 0;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Closing> {
    const connections = new Map<Socket, number>();
    const server = createServer((request, response) => {
      const connection = connections.get(request.socket) ?? 0;
      closing.seen.push({ method: request.method ?? '', connection });
      if (closing.closes > 0) {
        closing.closes -= 1;
        return void request.socket.resetAndDestroy();
      }
      response.end('{}');
    });
    // Longer than the test: whoever closes an idle connection, it is not this side.
    server.keepAliveTimeout = 600_000;
    server.on('connection', (socket) => {
      connections.set(socket, connections.size + 1);
      closing.ended.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
    const closing = new Closing(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return closing;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

let service: Closing;
let gateway: GatewayServer;
let headers: Record<string, string>;

beforeAll(async () => {
  service = await Closing.start();
  gateway = await startGatewayBefore(service.url);
  headers = { 'content-type': 'application/json', origin: gateway.url, cookie: await enter(gateway) };
});
afterAll(async () => {
  await gateway.close();
  service.close();
});
beforeEach(() => void service.seen.splice(0));

const call = (method: string, body?: string): Promise<Response> =>
  fetch(`${gateway.url}/api/v1/workspaces`, { method, headers, ...(body !== undefined && { body }) });

describe('a service that closes the connection as a request comes', () => {
  it('is asked once more over another connection where asking twice changes nothing', async () => {
    expect((await call('GET')).status).toBe(200);
    service.closes = 1;
    expect((await call('GET')).status).toBe(200);
    const [first, second, again] = service.seen.map(({ connection }) => connection);
    expect([second, again !== second, service.seen.length]).toEqual([first, true, 3]);
  });

  it('is asked no third time', async () => {
    service.closes = 2;
    const answer = await call('GET');
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'ANSWER_LOST' }]);
    expect(service.seen.length).toBe(2);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('gets a %s once, and the browser is told by name', async (method) => {
    expect((await call('GET')).status).toBe(200);
    service.seen.splice(0);
    service.closes = 1;
    const answer = await call(method, method === 'DELETE' ? undefined : '{}');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'ANSWER_LOST', status: 502 }]);
    expect(service.seen.map(({ method: seen }) => seen)).toEqual([method]);
  });

  it('has idle connections closed from this side, before it closes them', async () => {
    expect((await call('GET')).status).toBe(200);
    await Promise.all(service.ended);
  }, 30_000);
});

describe('a service that is not there', () => {
  it('is said to be so', async () => {
    service.close();
    const answer = await call('POST', '{}');
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'UNAVAILABLE' }]);
  });
});
