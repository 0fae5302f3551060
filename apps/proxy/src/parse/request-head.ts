import { AileronError } from '@aileron/errors';
import { parseAuthority } from './canonical-host.js';
import { canonicalPath } from './canonical-path.js';
import { canonicalQuery } from './canonical-query.js';
import type { HeaderField, RequestHead } from './canonical-request.js';
import { isStrippedFromRequest } from './header-names.js';
import { malformed } from './malformed.js';
import { connectionOptions, fieldValue, type RequestMessage } from './request-message.js';

/** Where a tunnel goes; canonical. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

const HTTPS_PORT = 443;
const ABSOLUTE = /^https:\/\/([^/?]*)([^]*)$/i;
/** Without these a request would not be what its sender wrote: they cannot be listed as hop-by-hop. */
const NEVER_LISTED = new Set(['host', 'content-length', 'content-type', 'content-encoding']);

/**
 * The canonical request of one message inside a tunnel.
 * @throws AileronError REQUEST_MALFORMED; TARGET_MISMATCH when Host or URI name another place than the tunnel
 */
export function requestInTunnel(message: RequestMessage, tunnel: TunnelTarget): RequestHead {
  if (message.minorVersion === 0) throw malformed('HTTP/1.0');
  if (message.method === 'CONNECT') throw malformed('CONNECT inside a tunnel');
  requireSame(hostField(message), tunnel);
  const absolute = ABSOLUTE.exec(message.rawTarget);
  if (absolute !== null) requireSame(absolute[1] ?? '', tunnel);
  else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(message.rawTarget))
    throw new AileronError('TARGET_MISMATCH', { part: 'uri' });
  return build(message, tunnel, absolute === null ? message.rawTarget : originForm(absolute[2] ?? ''));
}

/** A request in origin-form on the session's own socket. Its Host says nothing but has to be well formed. */
export function requestOnSocket(message: RequestMessage): RequestHead {
  if (message.minorVersion === 0) throw malformed('HTTP/1.0');
  const authority = parseAuthority(hostField(message));
  if (authority === null) throw malformed('Host');
  return build(message, { host: authority.host, port: authority.port ?? 80 }, message.rawTarget);
}

function build(message: RequestMessage, { host, port }: TunnelTarget, target: string): RequestHead {
  const question = target.indexOf('?');
  const path = canonicalPath(question < 0 ? target : target.slice(0, question));
  const query = canonicalQuery(question < 0 ? '' : target.slice(question + 1));
  return {
    method: message.method,
    host,
    port,
    path,
    query: query.pairs,
    target: query.text === '' ? path : `${path}?${query.text}`,
    headers: endToEnd(message.fields),
  };
}

const originForm = (rest: string): string => (rest.startsWith('/') ? rest : `/${rest}`);

function hostField(message: RequestMessage): string {
  const host = fieldValue(message.fields, 'host');
  if (host === undefined || host === '') throw malformed('Host');
  return host;
}

function requireSame(text: string, tunnel: TunnelTarget): void {
  // The tunnel's is canonical: the same text says the same.
  if (text === tunnel.host && tunnel.port === HTTPS_PORT) return;
  const authority = parseAuthority(text);
  if (authority === null) throw malformed('authority');
  if (authority.host !== tunnel.host || (authority.port ?? HTTPS_PORT) !== tunnel.port) {
    throw new AileronError('TARGET_MISMATCH', { part: 'host' });
  }
}

function endToEnd(fields: readonly HeaderField[]): readonly HeaderField[] {
  const listed = connectionOptions(fields);
  for (const name of NEVER_LISTED) if (listed.has(name)) throw malformed('Connection');
  return fields.filter(([name]) => !isStrippedFromRequest(name) && !listed.has(name));
}
