import type { AileronError } from '@aileron/errors';
import type { ProblemExtra } from '../exchange.js';
import type { HeaderField } from './canonical-request.js';

export interface ProblemAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderField[];
  readonly body: Buffer;
}

/** The RFC 9457 answer for an error: its constant message, its details and what to do; never its cause. */
export function problemAnswer(error: AileronError, extra: ProblemExtra = {}): ProblemAnswer {
  const { http, message, action } = error.definition;
  const { retryAfterSeconds } = extra;
  const fixed = { type: `urn:aileron:error:${error.code}`, title: message, status: http, code: error.code, action };
  const body = Buffer.from(JSON.stringify({ ...error.details, ...extra, ...fixed }));
  const headers: HeaderField[] = [
    ['content-type', 'application/problem+json'],
    ['content-length', String(body.length)],
    ['cache-control', 'no-store'],
  ];
  if (http === 407) headers.push(['proxy-authenticate', 'Basic realm="aileron"']);
  if (retryAfterSeconds !== undefined) headers.push(['retry-after', String(Math.ceil(retryAfterSeconds))]);
  return { status: http, reason: REASONS[http] ?? 'Refused', headers, body };
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  409: 'Conflict',
  413: 'Content Too Large',
  421: 'Misdirected Request',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
