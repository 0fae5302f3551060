import { AileronError } from '@aileron/errors';
import { SourceTimeout } from '../parse/byte-source.js';
import { TurnShare } from '../parse/turn-share.js';
import { requestBytes } from './request-bytes.js';
import { parseResponseMessage, upstreamMalformed, type ResponseMessage } from './response-message.js';
import { UpstreamBody } from './upstream-body.js';
import type { UpstreamConnection } from './upstream-connection.js';
import type { UpstreamRequest, UpstreamResponse } from './upstream.types.js';

const MAX_HEAD_BYTES = 65_536;
const MAX_INTERIM_ANSWERS = 8;
/** Models think for minutes before the first byte. */
const HEAD_TIMEOUT_MS = 600_000;
const IDLE_MS = 10_000;
const PIECE_BYTES = 131_072;
const MAX_IDLE_MS = 60_000;

/** What went up of a body; the connection can be used again only when all of it did. */
interface Upload {
  done: boolean;
  error: unknown;
}

/**
 * Sends one request and reads the head of its answer; the body follows as it is pulled. Nothing is ever sent twice:
 * when the connection breaks, the error's `sent` says whether the upstream may have acted. The secret's copy in the head
 * is overwritten once it is encrypted; the secret itself stays the caller's.
 * @throws AileronError UPSTREAM_UNREACHABLE, UPSTREAM_MALFORMED, CANCELLED, SECRET_UNSUITABLE
 */
export async function sendRequest(connection: UpstreamConnection, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { signal } = request;
  if (signal.aborted) throw new AileronError('CANCELLED', { sent: false });
  const { bytes, rest } = requestBytes(request, connection.allocateHead);
  if (!connection.usable) {
    connection.forget(bytes);
    throw new AileronError('UPSTREAM_UNREACHABLE', { sent: false });
  }
  const onAbort = (): void => connection.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  connection.writeAndZero(bytes);
  const body = rest === null ? request.body : piecesOf(rest);
  const upload: Upload = { done: body === null || Buffer.isBuffer(body), error: null };
  if (body !== null && !Buffer.isBuffer(body)) {
    const length = rest === null ? request.bodyLength : rest.length;
    void sendBody(connection, { body, length, upload });
  }
  try {
    const message = await finalHead(connection, request);
    return answer({ connection, request, message, upload, onAbort });
  } catch (error) {
    signal.removeEventListener('abort', onAbort);
    connection.destroy();
    throw failure({ error, connection, upload, signal });
  }
}

/** The first head that is not interim. 101 would make the connection something we do not read. */
async function finalHead(connection: UpstreamConnection, request: UpstreamRequest): Promise<ResponseMessage> {
  for (let interim = 0; interim <= MAX_INTERIM_ANSWERS; interim++) {
    const head = await connection.source.through('\r\n\r\n', {
      limit: MAX_HEAD_BYTES,
      deadlineMs: HEAD_TIMEOUT_MS,
      tooLong: () => upstreamMalformed('head too large'),
      bareLineFeed: () => upstreamMalformed('bare LF'),
    });
    if (head === null) throw connection.failed();
    request.scrubber?.scrub(head);
    const message = parseResponseMessage(head, request.method);
    if (message.status >= 200) return message;
    if (message.status === 101) throw upstreamMalformed('101');
  }
  throw upstreamMalformed('too many interim answers');
}

interface AnswerInput {
  readonly connection: UpstreamConnection;
  readonly request: UpstreamRequest;
  readonly message: ResponseMessage;
  readonly upload: Upload;
  readonly onAbort: () => void;
}

/** When its body ends early, is cut or broken, the connection goes; when it is whole, the next request may use it. */
function answer({ connection, request, message, upload, onAbort }: AnswerInput): UpstreamResponse {
  const { signal } = request;
  const body = new UpstreamBody({
    connection,
    message,
    failure: (error) => failure({ error, connection, upload, signal }),
    onEnd: (whole) => {
      signal.removeEventListener('abort', onAbort);
      if (whole && message.keepAlive && upload.done) connection.release(idleMs(message));
      else connection.destroy();
    },
  });
  const { status, reason, fields } = message;
  return { status, reason, headers: fields, body };
}

function idleMs({ keepAliveSeconds }: ResponseMessage): number {
  if (keepAliveSeconds === null) return IDLE_MS;
  return Math.min(MAX_IDLE_MS, Math.max(0, keepAliveSeconds - 1) * 1_000);
}

interface BodyToSend {
  readonly body: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** null: not known, and so chunked. */
  readonly length: number | null;
  readonly upload: Upload;
}

/** Encrypting many megabytes in one go would hold up everybody else. */
function* piecesOf(body: Buffer): Generator<Buffer, void, undefined> {
  for (let at = 0; at < body.length; at += PIECE_BYTES) yield body.subarray(at, at + PIECE_BYTES);
}

/** Streams a body up beside the reading of the answer. Never rejects: a failed upload breaks the connection off. */
async function sendBody(connection: UpstreamConnection, { body, length, upload }: BodyToSend): Promise<void> {
  const chunked = length === null;
  const share = new TurnShare();
  let bytes = 0;
  try {
    for await (const chunk of body) {
      if (connection.socket.destroyed) return;
      if (chunk.length === 0) continue;
      bytes += chunk.length;
      if (!chunked && bytes > length) throw new RangeError('more body than declared');
      await connection.write(chunked ? chunkOf(chunk) : chunk);
      await share.took(chunk.length);
    }
    if (!chunked && bytes !== length) throw new RangeError('less body than declared');
    if (chunked) await connection.write(Buffer.from('0\r\n\r\n'));
    upload.done = true;
  } catch (error) {
    upload.error = error;
    connection.destroy();
  }
}

function chunkOf(chunk: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
}

function failure(input: {
  readonly error: unknown;
  readonly connection: UpstreamConnection;
  readonly upload: Upload;
  readonly signal: AbortSignal;
}): AileronError {
  const { error, connection, upload, signal } = input;
  if (AileronError.is(upload.error)) {
    return new AileronError(upload.error.code, { ...upload.error.details, sent: true }, { cause: upload.error });
  }
  if (signal.aborted) return new AileronError('CANCELLED', { sent: true }, { cause: error });
  if (error instanceof SourceTimeout) return new AileronError('DEADLINE_EXCEEDED', { sent: true }, { cause: error });
  return AileronError.is(error) && error.code !== 'CANCELLED' ? error : connection.failed();
}
