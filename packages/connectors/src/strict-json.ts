import { AileronError } from '@aileron/errors';

/** Of what both readers of JSON take. */
export const DEEPEST = 64;
export const PROTOTYPE_KEY = '__proto__';

/**
 * Parses JSON that every reader understands alike: UTF-8 without a byte order mark, no duplicate key in any object, no
 * `__proto__`, bounded depth, nothing after it.
 * @throws AileronError ARGUMENTS_INVALID with what is wrong
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  // First what could be read in two ways, and the depth; then the language's parser decides whether it is JSON at all.
  scanKeys(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw malformed('is not JSON', cause);
  }
}

export const strictDecoder = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decoder = strictDecoder();

function decode(bytes: Uint8Array): string {
  try {
    const text = decoder.decode(bytes);
    if (!text.startsWith('\ufeff')) return text;
  } catch (cause) {
    throw malformed('is not UTF-8', cause);
  }
  throw malformed('begins with a byte order mark');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Walks by quotes and brackets, with a set of keys for each open object. Right for all that is JSON; the rest fails anyway. */
function scanKeys(text: string): void {
  const open: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (end === -1) throw malformed('is not JSON');
        if (expectKey) addKey(open.at(-1) ?? null, text.slice(at, end + 1));
        expectKey = false;
        at = end;
        break;
      }
      case 0x7b: // {
        open.push(new Set());
        expectKey = true;
        break;
      case 0x5b: // [
        open.push(null);
        expectKey = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        expectKey = false;
        break;
      case 0x2c: // ,
        expectKey = open.at(-1) instanceof Set;
        break;
    }
    if (open.length > DEEPEST) throw malformed(`is deeper than ${DEEPEST}`);
  }
}

/** Where the string ends that begins at `start`; -1: not in this text. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

function addKey(keys: Set<string> | null, quoted: string): void {
  const key = quoted.includes('\\') ? unquote(quoted) : quoted.slice(1, -1);
  if (key === PROTOTYPE_KEY) throw malformed('holds a key that is not taken');
  if (keys?.has(key)) throw malformed('holds a key twice in one object');
  keys?.add(key);
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (cause) {
    throw malformed('is not JSON', cause);
  }
}

export const malformed = (message: string, cause?: unknown): AileronError =>
  new AileronError('ARGUMENTS_INVALID', { fields: [{ field: '(body)', message }] }, { cause });
