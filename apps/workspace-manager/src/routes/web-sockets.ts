import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { assertLocalCaller, hashToken } from '@aileron/auth';
import { problemOf } from '@aileron/service-host';
import { AileronError } from '@aileron/errors';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WebSocketServer, type WebSocket } from 'ws';
import { ZodError } from 'zod';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { matchStreamRoute } from './match-stream-route.js';
import { receiveInput } from './receive-input.js';
import { parseRouteInput } from './serves.js';
import { StreamLimit, type StreamPlace } from './stream-limit.js';
import { pumpStream } from './stream-pump.js';
import { StreamSources, type ServedStream } from './stream-sources.js';

const LARGEST_INPUT_BYTES = 512 * 1_024;
/** RFC 6455 7.4.1 */
const GOING_AWAY = 1001;

/** Streams over WebSocket, at the same paths as over SSE. */
@Injectable()
export class WebSockets implements OnApplicationBootstrap {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LARGEST_INPUT_BYTES,
    clientTracking: false,
  });

  constructor(
    @Inject(CONFIG) private readonly config: Pick<WorkspaceManagerConfig, 'localToken' | 'allowedOrigins'>,
    @Inject(HttpAdapterHost) private readonly adapter: HttpAdapterHost,
    @Inject(StreamSources) private readonly sources: StreamSources,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.adapter.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.#accept(request, socket, head).catch((error: unknown) => refuse(socket, error));
    });
  }

  async #accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#assertCaller(request);
    const { id, params, query } = matchStreamRoute(request.url ?? '');
    const input = parseRouteInput(id, { params, query, body: undefined, ifMatch: undefined });
    const place = this.limit.enter();
    try {
      socket.once('close', () => place.end());
      const stream = await this.sources.open(id, input, place.signal);
      if (place.signal.aborted) throw new AileronError('CANCELLED');
      this.#server.handleUpgrade(request, socket, head, (client) => void serve(client, stream, place));
    } catch (error) {
      place.end();
      throw error;
    }
  }

  /** As for every other request: before anything is looked at. */
  #assertCaller({ headers, headersDistinct, socket }: IncomingMessage): void {
    const site = headers['sec-fetch-site'];
    assertLocalCaller(
      {
        hosts: headersDistinct['host'] ?? [],
        origin: headers.origin,
        secFetchSite: Array.isArray(site) ? site.join(',') : site,
        authorization: undefined,
        localPort: socket.localPort,
      },
      {
        tokenSha256: hashToken(this.config.localToken.exposeString()),
        allowedOrigins: this.config.allowedOrigins,
      },
    );
  }
}

async function serve(client: WebSocket, stream: ServedStream, place: StreamPlace): Promise<void> {
  client.on('error', () => client.terminate());
  client.once('close', () => place.end());
  place.signal.addEventListener('abort', () => client.close(GOING_AWAY), { once: true });
  if (stream.onInput !== undefined) receiveInput(client, stream.onInput.bind(stream));
  const send = (message: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      client.send(message, (error) => (error ? reject(error) : resolve()));
    });
  try {
    await pumpStream(stream, { send }, { signal: place.signal, cut: () => client.terminate() });
  } finally {
    client.close();
    place.end();
  }
}

/** The problem as the answer to the request that wanted to become a WebSocket. */
function refuse(socket: Duplex, thrown: unknown): void {
  if (!socket.writable) return void socket.destroy();
  const problem = problemOf(thrown instanceof ZodError ? invalid(thrown) : AileronError.from(thrown));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} Refused`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function invalid(error: ZodError): AileronError {
  const fields = error.issues
    .slice(0, 20)
    .map((issue) => ({ field: issue.path.map(String).join('.'), message: issue.message }));
  return new AileronError('INVALID_ARGUMENT', { fields });
}
