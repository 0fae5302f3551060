import type { HeaderField } from './canonical-request.js';

export interface HeadLines {
  /** The first line without its CRLF, latin1. */
  readonly start: string;
  readonly fields: readonly HeaderField[];
}

export interface HeadRules {
  readonly maxFields: number;
  /** Whether bytes over 0x7f may stand in values (obs-text, RFC 9110 5.5). */
  readonly obsText: boolean;
  /** Makes the error for a broken head. */
  readonly broken: (reason: string) => Error;
  readonly tooMany: () => Error;
}

const CRLF = '\r\n';
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ASCII_VALUE = /^[\t\x20-\x7e]*$/;
const OBS_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Takes a whole head (first line to the empty line, CRLF line ends only) apart by RFC 9112: no bare CR or LF, no obs-fold,
 * no space before a colon, names of token characters, values without controls. Names come out in lower case.
 */
export function splitHead(head: Buffer, rules: HeadRules): HeadLines {
  // The first of the two line ends stays: then every line has one.
  const text = head.toString('latin1', 0, head.length - 2);
  const allowed = rules.obsText ? OBS_VALUE : ASCII_VALUE;
  const fields: HeaderField[] = [];
  const startEnd = text.indexOf(CRLF);
  for (let at = startEnd + 2; at < text.length;) {
    if (fields.length === rules.maxFields) throw rules.tooMany();
    const end = text.indexOf(CRLF, at);
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon < end ? Math.max(colon, at) : at);
    if (!NAME.test(name)) throw rules.broken('header name');
    const value = trimmed(text, colon + 1, end);
    if (!allowed.test(value)) throw rules.broken('header value');
    fields.push([name.toLowerCase(), value]);
    at = end + 2;
  }
  return { start: text.slice(0, startEnd), fields };
}

/** Without spaces and tabs at both ends: `trim` would take other characters for white space too. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
