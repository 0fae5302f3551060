import { malformed } from './malformed.js';
import { normaliseEscapes } from './percent-escapes.js';

/** RFC 3986 pchar and `/`, without `;`: some servers cut a segment there and some do not. */
const PLAIN_PATH = /^\/[A-Za-z0-9\-._~!$&'()*+,=:@/%]*$/;
/** An escaped slash, backslash, NUL, other control or percent is read as structure by some servers and not by others. */
const REFUSED_ESCAPE = /%(?:2F|5C|25|[01][0-9A-F]|7F)/;
const REFUSED_SEGMENT = /\/(?:\.{1,2})?(?=\/)|\/\.{1,2}$/;

/**
 * The one spelling of a path: escapes in upper case and only where needed. What upstream servers are known to read in
 * different ways is refused and not repaired: `.` and `..` (escaped too), empty inner segments, `;`, `%2F`, `%5C`, `%25`,
 * controls, escapes that are not UTF-8.
 * @throws AileronError REQUEST_MALFORMED
 */
export function canonicalPath(raw: string): string {
  if (!PLAIN_PATH.test(raw)) throw malformed('path characters');
  const path = raw.includes('%') ? normaliseEscapes(raw) : raw;
  if (REFUSED_ESCAPE.test(path)) throw malformed('path escape');
  if (REFUSED_SEGMENT.test(path)) throw malformed('path segment');
  return path;
}
