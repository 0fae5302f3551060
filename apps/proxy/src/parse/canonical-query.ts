import { malformed } from './malformed.js';
import { decodeEscapes, normaliseEscapes } from './percent-escapes.js';

const MAX_PAIRS = 1_000;
/** Visible ASCII without `#`, `"`, `<`, `>`; and without `;`, which some servers take for `&`. */
const PLAIN_QUERY = /^[!$-:=?-~]*$/;
/** Visible characters that clients leave plain and RFC 3986 does not allow plain in a query. */
const UNUSUAL = /[[\]\\^`{|}]/g;
const ALL_UNRESERVED = /^[A-Za-z0-9\-._~]*$/;

export interface CanonicalQuery {
  readonly pairs: readonly (readonly [key: string, value: string])[];
  /** What is sent, without `?`. Decodes to `pairs` under form and under RFC 3986 rules alike. */
  readonly text: string;
}

const NO_QUERY: CanonicalQuery = { pairs: [], text: '' };

/**
 * The one spelling of a query. Order and duplicates are kept; empty pairs go; `+` becomes `%20`, so that no server reads
 * a plus where we matched a space.
 * @throws AileronError REQUEST_MALFORMED
 */
export function canonicalQuery(raw: string): CanonicalQuery {
  if (raw === '') return NO_QUERY;
  if (!PLAIN_QUERY.test(raw)) throw malformed('query characters');
  const pairs: (readonly [string, string])[] = [];
  const texts: string[] = [];
  for (const piece of raw.split('&')) {
    if (piece === '') continue;
    if (pairs.length === MAX_PAIRS) throw malformed('too many query parameters');
    const at = piece.indexOf('=');
    const key = canonicalPiece(at < 0 ? piece : piece.slice(0, at));
    const value = at < 0 ? '' : canonicalPiece(piece.slice(at + 1));
    pairs.push([decodeEscapes(key), decodeEscapes(value)]);
    texts.push(at < 0 ? key : `${key}=${value}`);
  }
  return { pairs, text: texts.join('&') };
}

function canonicalPiece(text: string): string {
  if (ALL_UNRESERVED.test(text)) return text;
  const plain = text
    .replaceAll('+', '%20')
    .replaceAll(UNUSUAL, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const normal = normaliseEscapes(plain);
  if (normal.includes('%00')) throw malformed('query escape');
  return normal;
}
