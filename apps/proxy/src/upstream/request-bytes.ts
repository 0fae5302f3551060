import { AileronError } from '@aileron/errors';
import { assertSecretSuitable } from '@aileron/vault';
import type { SecretInjection, UpstreamRequest } from './upstream.types.js';

const HTTPS_PORT = 443;
/** A body up to this size leaves in the head's write. */
const JOINED_BODY_BYTES = 32_768;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
const TARGET = /^\/[\x21-\x7e]*$/;
const METHODS_WITH_LENGTH = new Set(['POST', 'PUT', 'PATCH']);
/** Written here, from what was parsed. */
const OWN_FIELDS = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'accept-encoding', 'expect']);
const END = '\r\n\r\n';

export interface RequestBytes {
  /** Head and, when it is short, the body. Holds the secret: overwrite it once it is written. */
  readonly bytes: Buffer;
  /** A buffered body that is still to be sent. */
  readonly rest: Buffer | null;
}

/**
 * The head of a request in one buffer of its own (not of Node's shared pool: `allocate` gives one that is nobody else's),
 * with the secret copied from its buffer into place: it is never a string. Host, framing and `Accept-Encoding: identity` are written here.
 * @throws AileronError SECRET_UNSUITABLE, INTERNAL when something that was parsed strictly is not fit to be written
 */
export function requestBytes(
  request: UpstreamRequest,
  allocate: (length: number) => Buffer = (length) => Buffer.alloc(length),
): RequestBytes {
  const { body, injection } = request;
  const before = headText(request) + (injection === null ? '' : injectionStart(injection));
  const secret = injection?.secret.expose();
  const joined = Buffer.isBuffer(body) && body.length <= JOINED_BODY_BYTES ? body : null;
  const bytes = allocate(before.length + (secret?.length ?? 0) + END.length + (joined?.length ?? 0));
  let at = bytes.write(before, 0, 'latin1');
  if (secret !== undefined) {
    bytes.set(secret, at);
    at += secret.length;
  }
  // Without an injection the last header line has its own CRLF already.
  at += bytes.write(injection === null ? '\r\n' : END, at, 'latin1');
  if (joined !== null) at += joined.copy(bytes, at);
  return {
    bytes: at === bytes.length ? bytes : bytes.subarray(0, at),
    rest: joined === null && Buffer.isBuffer(body) ? body : null,
  };
}

function headText(request: UpstreamRequest): string {
  const { host, port, target } = request;
  if (!TARGET.test(target)) throw unfit('target');
  const name = host.includes(':') ? `[${host}]` : host;
  let text = `${request.method} ${target} HTTP/1.1\r\nhost: ${name}${port === HTTPS_PORT ? '' : `:${port}`}\r\n`;
  const injected = request.injection?.headerName.toLowerCase();
  for (const [field, value] of request.headers) {
    if (OWN_FIELDS.has(field) || field === injected) continue;
    if (!NAME.test(field) || !VALUE.test(value)) throw unfit('header');
    text += `${field}: ${value}\r\n`;
  }
  return `${text}accept-encoding: identity\r\n${framing(request)}`;
}

function framing({ body, bodyLength, method }: UpstreamRequest): string {
  const length = Buffer.isBuffer(body) ? body.length : body === null ? 0 : bodyLength;
  if (length === null) return 'transfer-encoding: chunked\r\n';
  return length > 0 || METHODS_WITH_LENGTH.has(method) ? `content-length: ${length}\r\n` : '';
}

function injectionStart({ headerName, prefix, secret }: SecretInjection): string {
  if (!NAME.test(headerName) || !VALUE.test(prefix)) throw unfit('injection');
  assertSecretSuitable(secret);
  return `${headerName}: ${prefix}`;
}

const unfit = (place: string): AileronError =>
  new AileronError('INTERNAL', {}, { cause: new Error(`not fit to be written: ${place}`) });
