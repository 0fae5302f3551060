import { AileronError } from '@aileron/errors';
import type { HeaderField } from '../parse/canonical-request.js';
import type { BodyFraming } from '../parse/framed-body.js';
import { splitHead, type HeadRules } from '../parse/head-lines.js';
import { connectionOptions, fieldValue } from '../parse/request-message.js';

export interface ResponseMessage {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly HeaderField[];
  readonly framing: BodyFraming;
  /** Whether the connection can be used again once the body is read. */
  readonly keepAlive: boolean;
  /** Seconds for which the upstream keeps an idle connection, where it says so. */
  readonly keepAliveSeconds: number | null;
}

const MAX_FIELDS = 256;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const CONTENT_LENGTH = /^\d{1,15}$/;

export function upstreamMalformed(reason: string): AileronError {
  return new AileronError('UPSTREAM_MALFORMED', { reason, sent: true });
}

const RULES: HeadRules = {
  maxFields: MAX_FIELDS,
  obsText: true,
  broken: upstreamMalformed,
  tooMany: () => upstreamMalformed('too many headers'),
};

/** Strict RFC 9112: an answer that could end in two places is none. @throws AileronError UPSTREAM_MALFORMED */
export function parseResponseMessage(head: Buffer, requestMethod: string): ResponseMessage {
  const { start, fields } = splitHead(head, RULES);
  const line = STATUS_LINE.exec(start);
  if (line === null) throw upstreamMalformed('status line');
  const status = Number(line[2]);
  const framing = framingOf({ fields, status, requestMethod });
  const keepAlive = line[1] === '1' && framing.kind !== 'close' && !connectionOptions(fields).has('close');
  const timeout = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(fieldValue(fields, 'keep-alive') ?? '')?.[1];
  const keepAliveSeconds = timeout === undefined ? null : Number(timeout);
  return { status, reason: line[3] ?? '', fields, framing, keepAlive, keepAliveSeconds };
}

function framingOf(input: {
  readonly fields: readonly HeaderField[];
  readonly status: number;
  readonly requestMethod: string;
}): BodyFraming {
  const lengths = input.fields.filter(([name]) => name === 'content-length');
  const encodings = input.fields.filter(([name]) => name === 'transfer-encoding');
  const [encoding] = encodings;
  const [length] = lengths;
  if (lengths.length + encodings.length > 1) throw upstreamMalformed('framing');
  if (encoding !== undefined && encoding[1].toLowerCase() !== 'chunked') throw upstreamMalformed('transfer coding');
  if (length !== undefined && !CONTENT_LENGTH.test(length[1])) throw upstreamMalformed('Content-Length');
  if (input.requestMethod === 'HEAD' || input.status < 200 || input.status === 204 || input.status === 304) {
    return { kind: 'none' };
  }
  if (encoding !== undefined) return { kind: 'chunked' };
  return length === undefined ? { kind: 'close' } : { kind: 'length', length: Number(length[1]) };
}
