import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { localUpgrade } from '@aileron/egress';
import { AileronError } from '@aileron/errors';
import { problemOf } from '@aileron/service-host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

interface Waiting {
  readonly socket: Duplex;
  readonly response: ServerResponse;
  readonly head: Uint8Array;
}

/** Where it goes, and what it takes along. */
export interface SocketTarget {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * WebSockets through the gateway: judged by the hooks of the route like every request, then byte by byte, so that a reader who
 * is slow slows down who writes to him, and nothing is kept here.
 */
export class SocketRelay {
  readonly #waiting = new WeakMap<IncomingMessage, Waiting>();
  readonly #open = new Set<Duplex>();

  constructor(server: FastifyInstance) {
    server.server.on('upgrade', (request, socket, head) => this.#begin(server, { request, socket, head }));
    server.addHook('preClose', async () => this.close());
  }

  /** Hands a request on that asked for a socket. False: it asked for none. */
  async relay(request: FastifyRequest, reply: FastifyReply, target: () => SocketTarget): Promise<boolean> {
    const waiting = this.#waiting.get(request.raw);
    if (waiting === undefined) return false;
    const { url, headers } = target();
    const { socket, response, head } = waiting;
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const answer = await localUpgrade(url, { headers, signal: gone.signal });
    if (answer.type === 'refused') {
      response.writeHead(answer.response.statusCode ?? 502, { 'content-type': 'application/problem+json' });
      reply.hijack();
      void pipeline(answer.response, response).catch(() => socket.destroy());
      return true;
    }
    reply.hijack();
    response.detachSocket(socket as Socket);
    socket.write(switching(answer.headers));
    if (answer.head.byteLength > 0) socket.write(answer.head);
    if (head.byteLength > 0) answer.socket.write(head);
    this.#join(socket, answer.socket);
    return true;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #begin(
    server: FastifyInstance,
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  ): void {
    socket.on('error', () => socket.destroy());
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return refuse(socket);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end());
    this.#waiting.set(request, { socket, response, head });
    server.routing(request, response);
  }

  #join(client: Duplex, service: Duplex): void {
    this.#open.add(service);
    for (const socket of [client, service]) {
      if ('setNoDelay' in socket) (socket as Socket).setNoDelay(true).setTimeout(0);
    }
    const end = (): void => {
      client.destroy();
      service.destroy();
      this.#open.delete(service);
    };
    void Promise.allSettled([pipeline(client, service), pipeline(service, client)]).then(end);
  }
}

/** The upstream's 101 again: what it said of the WebSocket, and nothing else. */
function switching(headers: IncomingHttpHeaders): string {
  const kept = Object.entries(headers).filter(([name]) => name.startsWith('sec-websocket-'));
  const lines = kept.map(([name, value]) => `${name}: ${String(value)}`);
  return ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket', ...lines, '', ''].join(
    '\r\n',
  );
}

function refuse(socket: Duplex): void {
  const body = JSON.stringify(problemOf(new AileronError('UNIMPLEMENTED'), undefined));
  const head = `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 400 Bad Request\r\n${head}\r\n\r\n${body}`);
}
