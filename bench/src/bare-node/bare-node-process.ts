// The least that a proxy in Node can do: end TLS, replace one header, send it on. No match, no policy, no audit.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SessionCa } from '@aileron/tls';
import { Pool } from 'undici';
import { serveChannel } from '../machine/child-channel.js';
import { listenForProbe } from '../probe/process-probe.js';
import type { BareNodeOrder, BareNodeReady } from './bare-node-order.js';

/** Where the TLS socket of a connection says which host its tunnel is for. */
const hosts = new WeakMap<object, string>();

async function start(order: BareNodeOrder): Promise<BareNodeReady> {
  listenForProbe(order.probeSocket);
  const ca = await SessionCa.create({ sessionId: 'ses_bench', now: new Date(), ttlSeconds: 43_200 });
  const pools = new Map<string, Pool>();
  const poolOf = (host: string): Pool => {
    const pool = pools.get(host) ?? new Pool(`https://${host}:${order.upstreamPort}`, poolOptions(order, host));
    pools.set(host, pool);
    return pool;
  };
  const server = createServer((request, response) => {
    const host = hosts.get(request.socket) ?? '';
    forward(order, { pool: poolOf(host), request, response });
  });
  server.keepAliveTimeout = 0;
  server.on('connect', (request, socket: Socket) => {
    const host = (request.url ?? '').split(':')[0] ?? '';
    terminate(ca, host, socket).then(
      (tls) => server.emit('connection', tls),
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1', 2_048);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, caPem: ca.certificatePem };
}

async function terminate(ca: SessionCa, host: string, socket: Socket): Promise<TLSSocket> {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  const { secureContext } = await ca.leafFor(host);
  const tls = new TLSSocket(socket, { isServer: true, secureContext });
  hosts.set(tls, host);
  tls.on('error', () => tls.destroy());
  return tls;
}

const poolOptions = ({ upstreamPort, upstreamCaPem }: BareNodeOrder, servername: string): Pool.Options => ({
  connections: 128,
  connect: {
    ca: upstreamCaPem,
    servername,
    lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    port: upstreamPort,
  },
});

interface Exchange {
  readonly pool: Pool;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function forward({ credentials }: BareNodeOrder, { pool, request, response }: Exchange): void {
  const headers = request.rawHeaders.slice();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase();
    if (name === 'authorization') headers[i + 1] = credentials.graphql;
    else if (name === 'x-api-key') headers[i + 1] = credentials.rest;
  }
  const hasBody = request.headers['content-length'] !== undefined;
  const options = {
    path: request.url ?? '/',
    method: request.method as 'GET',
    headers,
    body: hasBody ? request : null,
  };
  pool.dispatch(options, {
    onConnect: () => undefined,
    onHeaders: (status, raw, resume) => {
      response.writeHead(status, raw.map(String));
      response.on('drain', resume);
      return true;
    },
    onData: (chunk) => response.write(chunk),
    onComplete: () => void response.end(),
    onError: () => response.destroy(),
  });
}

serveChannel(start);
