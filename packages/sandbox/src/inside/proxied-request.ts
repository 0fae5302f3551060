import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { INSIDE } from '../sandbox-plan.js';
import { proxyAuthorization, type SessionFile } from './session-file.js';

const MAX_ANSWER_BYTES = 8_388_608;
const TUNNEL_TIMEOUT_MS = 30_000;

export interface ProxiedRequest {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** No answer came. `sent`: the request may have reached the proxy, so that it may have been carried out. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(
    message: string,
    readonly sent: boolean,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

/**
 * One HTTPS request through the session's proxy. The session's CA is the only one trusted: a host of a connector is always
 * answered by the proxy. What the proxy refuses at CONNECT comes back as an answer like any other.
 * @throws NoAnswer
 */
export async function sendThroughProxy(
  session: SessionFile,
  input: ProxiedRequest,
  timeoutMs: number,
): Promise<Answer> {
  const tunnel = await openTunnel(session, `${input.host}:${input.port}`);
  if ('refusal' in tunnel) return tunnel.refusal;
  const secure = await startTls(tunnel.socket, input.host);
  try {
    return await exchange(secure, input, timeoutMs);
  } finally {
    secure.destroy();
  }
}

function openTunnel(session: SessionFile, target: string): Promise<{ socket: Socket } | { refusal: Answer }> {
  return new Promise((resolve, reject) => {
    const call = httpRequest({
      host: '127.0.0.1',
      port: session.proxyPort,
      method: 'CONNECT',
      path: target,
      headers: { host: target, 'proxy-authorization': proxyAuthorization(session) },
      // An agent of its own: the global one would ask NODE_USE_ENV_PROXY and go through the proxy to the proxy.
      agent: new Agent(),
      timeout: TUNNEL_TIMEOUT_MS,
    });
    call.once('connect', (response, socket, head) => {
      // Node hands every answer to CONNECT over as a tunnel, refusals too.
      if (response.statusCode === 200) return resolve({ socket });
      socket.unshift(head);
      const length = Number(response.headers['content-length'] ?? 0);
      const answer = { status: response.statusCode ?? 0, headers: response.headers };
      readBounded(socket, length).then(
        (body) => resolve({ refusal: { ...answer, body } }),
        () => resolve({ refusal: { ...answer, body: '' } }),
      );
    });
    call.once('timeout', () => call.destroy(new Error('the proxy does not answer')));
    call.once('error', (cause) => reject(new NoAnswer(`no way to the proxy: ${cause.message}`, false, { cause })));
    call.end();
  });
}

function startTls(socket: Socket, host: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      servername: host,
      ca: readFileSync(INSIDE.sessionCertificate),
      ALPNProtocols: ['http/1.1'],
      timeout: TUNNEL_TIMEOUT_MS,
    });
    secure.once('secureConnect', () => {
      secure.setTimeout(0);
      secure.removeAllListeners('error').removeAllListeners('timeout');
      resolve(secure);
    });
    secure.once('timeout', () => secure.destroy(new Error('no TLS answer')));
    secure.once('error', (cause) => reject(new NoAnswer(`no TLS with ${host}: ${cause.message}`, false, { cause })));
  });
}

function exchange(secure: TLSSocket, input: ProxiedRequest, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const cut = (cause: Error): void =>
      reject(new NoAnswer(`the connection was cut: ${cause.message}`, true, { cause }));
    const call = httpsRequest({
      createConnection: () => secure,
      host: input.host,
      method: input.method,
      path: input.path,
      headers: { ...input.headers, host: input.host, ...bodyLength(input.body), connection: 'close' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    call.once('error', cut);
    call.once('response', (response) => {
      readBounded(response, MAX_ANSWER_BYTES).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        cut,
      );
    });
    call.end(input.body ?? undefined);
  });
}

const bodyLength = (body: string | null): Record<string, string> =>
  body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };

/** Up to that many bytes, or to the end. */
async function readBounded(stream: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (maxBytes === 0) return '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
