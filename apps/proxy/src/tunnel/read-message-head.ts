import { AileronError } from '@aileron/errors';
import type { WireLimits } from '../listener/wire-context.js';
import type { ByteSource } from '../parse/byte-source.js';
import { malformed } from '../parse/malformed.js';
import { MAX_HEAD_BYTES } from '../parse/request-message.js';

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/**
 * The bytes of the next request's head with its empty line; null when the connection ended, or begins with something
 * that is not HTTP (SOCKS, TLS, a banner) and has to be closed without a word.
 * @throws AileronError HEADERS_TOO_LARGE, REQUEST_MALFORMED; SourceTimeout
 */
export async function readMessageHead(source: ByteSource, limits: WireLimits): Promise<Buffer | null> {
  if (source.buffered === 0) await source.more(limits.idleMs);
  const first = source.peek()[0];
  if (first === undefined) return null;
  if (first < UPPER_A || first > UPPER_Z) {
    // A lower-case method, an empty line or a space is somebody's broken HTTP: it is told so.
    if (first < 0x09 || first > 0x7e || first === 0x16) return null;
    throw malformed('request line');
  }
  return await source.through('\r\n\r\n', {
    limit: MAX_HEAD_BYTES,
    deadlineMs: limits.headMs,
    tooLong: () => new AileronError('HEADERS_TOO_LARGE', { limit: MAX_HEAD_BYTES }),
    bareLineFeed: () => malformed('bare LF'),
  });
}
