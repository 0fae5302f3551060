// A proxy whose exchange is the wire half alone (dial, inject, relay), and upstreams that answer what a test says.
import type { TLSSocket } from 'node:tls';
import {
  canary,
  startRawUpstream,
  type RawResponse,
  type RawUpstream,
  type RawUpstreamOptions,
} from '@aileron/testing';
import { Secret } from '@aileron/vault';
import { screenAgentCredentials } from '../inject/agent-credentials.js';
import { relayResponse } from '../inject/relay-response.js';
import { SecretScrubber } from '../inject/secret-scrubber.js';
import { OWNED, WireProxy, type WireProxyOptions } from '../listener/wire.fixture.js';
import { sendRequest } from './send-request.js';

const open: { close(): Promise<void> }[] = [];

/** For `afterAll`. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()));
}

export const KEY = canary('anthropic');
export const PLACEHOLDER = 'sk-ant-placeholder';
export const GET = `GET /v1?q=1 HTTP/1.1\r\nHost: ${OWNED}\r\nX-Api-Key: ${PLACEHOLDER}\r\nAccept-Encoding: gzip\r\n\r\n`;

/** A proxy whose exchange is the wire half's own: dial, inject, relay. */
export async function proxyTo(
  upstream: RawUpstream | null,
  more: Partial<WireProxyOptions> & { streamed?: boolean; sessionId?: () => string } = {},
) {
  const secrets: Secret[] = [];
  const scope = () => ({ tenantId: 'ten_a', sessionId: more.sessionId?.() ?? 'ses_a', connector: 'test' });
  const map =
    upstream === null ? [] : [{ host: OWNED, address: '127.0.0.1', port: upstream.port, caPem: upstream.caPem }];
  const state: { proxy?: WireProxy } = {};
  const proxy = await WireProxy.start({
    upstreamMap: map,
    ...more,
    exchange: async (_, head, body, response, signal) => {
      const headers = screenAgentCredentials(head, { placeholder: PLACEHOLDER, header: 'x-api-key' });
      const buffered =
        more.streamed === true || body.declaredLength === 0 ? null : await body.readAll(1_000_000, signal);
      const { host, port, method, target } = head;
      const connection = await (state.proxy ?? proxy).dialler.dial({ scope: scope(), host, port, signal });
      const secret = Secret.fromString(KEY.value);
      secrets.push(secret);
      const scrubber = new SecretScrubber(secret);
      const injection = { headerName: 'x-api-key', prefix: '', secret };
      const toSend = more.streamed === true ? body.stream() : buffered;
      const bodyLength = more.streamed === true ? body.declaredLength : null;
      const request = { method, host, port, target, headers, injection, scrubber, body: toSend, bodyLength, signal };
      try {
        await relayResponse({ upstream: await sendRequest(connection, request), response, scrubber });
      } finally {
        scrubber.zero();
        secret.zero();
      }
    },
  });
  state.proxy = proxy;
  open.push({ close: () => proxy.stop() });
  return { proxy, secrets };
}

export async function upstreamWith(options: RawUpstreamOptions): Promise<RawUpstream> {
  const upstream = await startRawUpstream(OWNED, options);
  open.push(upstream);
  return upstream;
}

/** Answers each request head with the same bytes. */
export const answering = (bytes: string | Buffer, pieces = 1): RawUpstreamOptions => ({
  onConnection: (socket) => onRequest(socket, () => void writeIn(socket, Buffer.from(bytes as string), pieces)),
});

export function onRequest(socket: TLSSocket, answer: (head: string) => void): void {
  let seen = '';
  socket.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1');
    for (let end = seen.indexOf('\r\n\r\n'); end >= 0; end = seen.indexOf('\r\n\r\n')) {
      const head = seen.slice(0, end);
      seen = seen.slice(end + 4);
      if (/^[A-Z]+ \//.test(head)) answer(head);
    }
  });
}

async function writeIn(socket: TLSSocket, bytes: Buffer, pieces: number): Promise<void> {
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.subarray(at, at + size));
    if (pieces > 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

export const withLength = (body: string | Buffer, fields = '', status = '200 OK'): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body as string),
  ]);

export async function ask(bytes: string | Buffer, answer: string | Buffer): Promise<RawResponse> {
  const { proxy } = await proxyTo(await upstreamWith(answering(answer)));
  return await proxy.request(bytes);
}
