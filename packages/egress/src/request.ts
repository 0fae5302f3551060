import type { IncomingMessage } from 'node:http';
import { AileronError } from '@aileron/errors';
import type { z } from 'zod';
import { httpRequest } from './node-http.js';
import { ownTarget, unreachable } from './own-service.js';
import { problemError } from './problem-error.js';

export interface RequestOptions {
  /** http, on loopback: Aileron's own services. */
  readonly url: string;
  /** A Unix socket to send it to; the URL then gives path and Host. */
  readonly socketPath?: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON when given. */
  readonly body?: unknown;
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls an own service and checks its answer. Redirects are not followed.
 * @throws AileronError: the service's own, or why it could not be asked
 */
export async function requestJson<T>(options: RequestOptions & { readonly schema: z.ZodType<T> }): Promise<T> {
  const text = await requestText(options);
  try {
    return options.schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AileronError(
      'INTERNAL',
      { path: pathOf(options), reason: 'the answer is not of the contract' },
      { cause },
    );
  }
}

export async function requestText(options: RequestOptions): Promise<string> {
  const target = ownTarget(options.url, options.socketPath);
  const deadline = AbortSignal.timeout(options.deadlineMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  try {
    const response = await send(target, options, signal);
    const text = await readText(response, options.maxBytes);
    const status = response.statusCode ?? 500;
    if (status >= 200 && status < 300) return text;
    throw problemError(text, status);
  } catch (cause) {
    if (AileronError.is(cause)) throw cause;
    if (deadline.aborted) throw new AileronError('DEADLINE_EXCEEDED', { url: target.origin }, { cause });
    if (signal.aborted) throw new AileronError('CANCELLED', {}, { cause });
    throw unreachable(cause, target);
  }
}

function send(target: URL, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, headers, body, socketPath } = options;
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const request = httpRequest(target, {
      method,
      signal,
      agent: false,
      ...(socketPath === undefined ? {} : { socketPath }),
      headers: { ...headers, ...(payload && { 'content-type': 'application/json', 'content-length': payload.length }) },
    });
    request.once('response', resolve).on('error', reject).end(payload);
  });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      response.destroy();
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: maxBytes });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const pathOf = ({ url }: RequestOptions): string => new URL(url).pathname;
