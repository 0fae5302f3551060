import type { IncomingMessage } from 'node:http';
import { AileronError } from '@aileron/errors';
import { httpRequest } from './node-http.js';
import { ownTarget, unreachable } from './own-service.js';

const LARGEST_TEXT = 64 << 20;

export interface LocalFetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface LocalResponse {
  readonly ok: boolean;
  readonly status: number;
  /** @throws AileronError PAYLOAD_TOO_LARGE above 64 MiB */
  text(): Promise<string>;
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
      cancel(): Promise<void>;
    };
  };
}

/**
 * As `fetch`, for the clients of Aileron's own services: to loopback only, without redirects.
 * @throws AileronError DESTINATION_REFUSED, SERVICE_NOT_RUNNING, UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED
 */
export async function localFetch(url: string, init: LocalFetchInit): Promise<LocalResponse> {
  const target = ownTarget(url);
  const failed = (cause: unknown): AileronError => failureOf(cause, { target, signal: init.signal });
  const response = await send(target, init).catch((cause: unknown) => {
    throw failed(cause);
  });
  const status = response.statusCode ?? 500;
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const read = async () => {
    try {
      const { done = false, value } = await chunks.next();
      return { done, value };
    } catch (cause) {
      throw failed(cause);
    }
  };
  const cancel = async () => void response.destroy();
  return {
    ok: status >= 200 && status < 300,
    status,
    text: async () => readText(read, cancel),
    body: { getReader: () => ({ read, cancel }) },
  };
}

function send(target: URL, { method, headers, body, signal }: LocalFetchInit): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(target, {
      method,
      signal,
      agent: false,
      headers: { ...headers, ...(payload && { 'content-length': payload.length }) },
    });
    request.once('response', resolve).on('error', reject).end(payload);
  });
}

async function readText(
  read: () => Promise<{ done: boolean; value: Uint8Array | undefined }>,
  cancel: () => Promise<void>,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await read();
    if (done || value === undefined) return Buffer.concat(chunks).toString('utf8');
    bytes += value.byteLength;
    if (bytes > LARGEST_TEXT) {
      await cancel();
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LARGEST_TEXT });
    }
    chunks.push(value);
  }
}

function failureOf(
  cause: unknown,
  { target, signal }: { readonly target: URL; readonly signal: AbortSignal },
): AileronError {
  if (!signal.aborted) return unreachable(cause, target);
  const { name } = signal.reason as { readonly name?: unknown };
  const isDeadline = name === 'TimeoutError';
  return new AileronError(isDeadline ? 'DEADLINE_EXCEEDED' : 'CANCELLED', { url: target.origin }, { cause });
}
