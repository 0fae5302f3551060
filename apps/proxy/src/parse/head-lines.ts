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

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ASCII_VALUE = /^[\t\x20-\x7e]*$/;
const OBS_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Takes a whole head (first line to the empty line, CRLF line ends only) apart by RFC 9112: no bare CR or LF, no obs-fold,
 * no space before a colon, names of token characters, values without controls. Names come out in lower case.
 */
export function splitHead(head: Buffer, rules: HeadRules): HeadLines {
  const lines = head.toString('latin1', 0, head.length - 4).split('\r\n');
  if (lines.length - 1 > rules.maxFields) throw rules.tooMany();
  const allowed = rules.obsText ? OBS_VALUE : ASCII_VALUE;
  const fields: HeaderField[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!NAME.test(name)) throw rules.broken('header name');
    const value = trimmed(line, colon + 1);
    if (!allowed.test(value)) throw rules.broken('header value');
    fields.push([name.toLowerCase(), value]);
  }
  return { start: lines[0] ?? '', fields };
}

/** Without spaces and tabs at both ends: `trim` would take other characters for white space too. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
