import { AileronError } from '@aileron/errors';
import { parseAuthority } from '../parse/canonical-host.js';
import { malformed } from '../parse/malformed.js';
import type { TunnelTarget } from '../parse/request-head.js';
import { fieldValue, type RequestMessage } from '../parse/request-message.js';

/**
 * Where a CONNECT goes: `host:port` and nothing else (RFC 9112 3.2.3). HTTP/1.0 is taken here alone: Python's http.client
 * spoke it until 3.12.
 * @throws AileronError REQUEST_MALFORMED; TARGET_MISMATCH when Host names another place
 */
export function connectTarget(message: RequestMessage): TunnelTarget {
  const { framing, rawTarget, fields } = message;
  if (framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0)) throw malformed('CONNECT body');
  const authority = parseAuthority(rawTarget);
  if (authority?.port == null) throw malformed('CONNECT target');
  const target = { host: authority.host, port: authority.port };
  const hostField = fieldValue(fields, 'host');
  if (hostField === undefined) return target;
  const named = parseAuthority(hostField);
  if (named === null) throw malformed('Host');
  if (named.host !== target.host || (named.port ?? target.port) !== target.port) {
    throw new AileronError('TARGET_MISMATCH', { part: 'host' });
  }
  return target;
}
