// The one upstream: both APIs on one TLS port. It lets in nothing but the real credentials, so that an answer of 200 proves
// that the contestant rewrote the header.
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { serveChannel } from '../machine/child-channel.js';
import {
  GRAPHQL_ANSWER,
  LARGE_ANSWER,
  MESSAGE_ANSWER,
  NOT_FOUND,
  REST_ANSWER,
  STREAM_HEAD,
  streamDelta,
  streamEnd,
  streamStart,
  WRONG_CREDENTIAL,
} from './answers.js';
import { RequestReader, type RequestHead } from './request-reader.js';
import type { UpstreamOrder, UpstreamReady } from './upstream-order.js';

function serve(order: UpstreamOrder): Promise<UpstreamReady> {
  const server = createServer({ key: order.key, cert: order.cert, noDelay: true }, (socket) => {
    const reader = new RequestReader((head, begin) => answer(order, socket, head, begin));
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: 2_048 }, () =>
      resolve({ port: (server.address() as AddressInfo).port }),
    );
  });
}

function answer(order: UpstreamOrder, socket: TLSSocket, { method, path, headers }: RequestHead, begin: string): void {
  const route = `${method} ${path}`;
  const given = route === 'POST /graphql' ? headers.get('authorization') : headers.get('x-api-key');
  const wanted = route === 'POST /graphql' ? order.credentials.graphql : order.credentials.rest;
  if (given !== wanted) socket.write(WRONG_CREDENTIAL);
  else if (route === 'POST /graphql') socket.write(GRAPHQL_ANSWER);
  else if (route === 'GET /v1/models') socket.write(REST_ANSWER);
  else if (route === 'GET /v1/models/large') socket.write(LARGE_ANSWER);
  else if (route !== 'POST /v1/messages') socket.write(NOT_FOUND);
  else if (begin.includes('"stream":true')) stream(order, socket);
  else socket.write(MESSAGE_ANSWER);
}

function stream({ eventsPerStream, eventIntervalMs }: UpstreamOrder, socket: TLSSocket): void {
  socket.write(STREAM_HEAD);
  socket.write(streamStart());
  let left = eventsPerStream;
  const timer = setInterval(() => {
    if (left > 0) socket.write(streamDelta());
    else socket.write(streamEnd(eventsPerStream));
    left -= 1;
    if (left < 0) clearInterval(timer);
  }, eventIntervalMs);
  socket.once('close', () => clearInterval(timer));
}

serveChannel(serve);
