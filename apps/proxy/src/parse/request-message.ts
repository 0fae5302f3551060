import { AileronError } from '@aileron/errors';
import type { HeaderField } from './canonical-request.js';
import type { BodyFraming } from './framed-body.js';
import { splitHead, type HeadRules } from './head-lines.js';
import { SINGLE_FIELDS } from './header-names.js';
import { malformed } from './malformed.js';

export const MAX_HEAD_BYTES = 65_536;
export const MAX_FIELDS = 100;

/** A request head as it was written, well formed and without a second reading; its target is not judged yet. */
export interface RequestMessage {
  readonly method: string;
  /** Visible ASCII. */
  readonly rawTarget: string;
  readonly minorVersion: 0 | 1;
  readonly fields: readonly HeaderField[];
  readonly framing: BodyFraming;
  /** Whether the agent wants to send more on this connection. */
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
}

const REQUEST_LINE = /^([A-Z][A-Z-]{0,19}) ([\x21-\x7e]{1,32768}) HTTP\/1\.([01])$/;
const CONTENT_LENGTH = /^(?:0|[1-9]\d{0,14})$/;
/** CONNECT is read elsewhere; TRACE and its Microsoft spelling answer with what they were sent, credential and all. */
const REFUSED_METHODS = new Set(['TRACE', 'TRACK']);

const RULES: HeadRules = {
  maxFields: MAX_FIELDS,
  obsText: false,
  broken: malformed,
  tooMany: () => new AileronError('HEADERS_TOO_LARGE', { limit: MAX_FIELDS }),
};

/**
 * RFC 9112, and of what it leaves open the strict side: one Content-Length or one `Transfer-Encoding: chunked`, never
 * both; no field twice that is meant once.
 * @throws AileronError REQUEST_MALFORMED, HEADERS_TOO_LARGE
 */
export function parseRequestMessage(head: Buffer): RequestMessage {
  const { start, fields } = splitHead(head, RULES);
  const line = REQUEST_LINE.exec(start);
  if (line === null) throw malformed('request line');
  const method = line[1] ?? '';
  if (REFUSED_METHODS.has(method)) throw malformed('method');
  refuseRepeated(fields);
  const minorVersion = line[3] === '1' ? 1 : 0;
  return {
    method,
    rawTarget: line[2] ?? '',
    minorVersion,
    fields,
    framing: framingOf(fields),
    keepAlive: minorVersion === 1 && !connectionOptions(fields).has('close'),
    expectsContinue: expectsContinue(fields),
  };
}

export function fieldValue(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) if (field[0] === name) return field[1];
  return undefined;
}

/** What all Connection fields together list, in lower case. */
export function connectionOptions(fields: readonly HeaderField[]): ReadonlySet<string> {
  const options = new Set<string>();
  for (const [name, value] of fields) {
    if (name !== 'connection') continue;
    for (const option of value.split(',')) options.add(option.trim().toLowerCase());
  }
  return options;
}

function refuseRepeated(fields: readonly HeaderField[]): void {
  let seen: Set<string> | null = null;
  for (const [name] of fields) {
    if (!SINGLE_FIELDS.has(name)) continue;
    seen ??= new Set();
    if (seen.has(name)) throw malformed('a field twice');
    seen.add(name);
  }
}

function framingOf(fields: readonly HeaderField[]): BodyFraming {
  const length = fieldValue(fields, 'content-length');
  const encoding = fieldValue(fields, 'transfer-encoding');
  if (encoding !== undefined) {
    if (length !== undefined) throw malformed('Content-Length beside Transfer-Encoding');
    if (encoding.toLowerCase() !== 'chunked') throw malformed('transfer coding');
    return { kind: 'chunked' };
  }
  if (length === undefined) return { kind: 'none' };
  if (!CONTENT_LENGTH.test(length)) throw malformed('Content-Length');
  return { kind: 'length', length: Number(length) };
}

function expectsContinue(fields: readonly HeaderField[]): boolean {
  const expect = fieldValue(fields, 'expect');
  if (expect === undefined) return false;
  if (expect.toLowerCase() !== '100-continue') throw malformed('Expect');
  return true;
}
