import { createHash, timingSafeEqual } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import type { RouteAccess } from './route-access.js';

/** Protection of a service without login: see ARCHITECTURE section 3. */
export interface LocalAccessOptions {
  /** SHA-256 of the local token; the token itself need not be kept. */
  readonly tokenSha256: Uint8Array;
  /** Origins a page may call from, for example http://127.0.0.1:3000. */
  readonly allowedOrigins: readonly string[];
}

export interface AccessRequest {
  /** Every Host header, as sent: more than one is refused. */
  readonly hosts: readonly string[];
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly authorization: string | undefined;
  /** The port that this connection came in on. */
  readonly localPort: number | undefined;
}

export const hashToken = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/**
 * The Host must be this machine by a loopback name (a rebound name is not), a page must be of an allowed origin, and
 * what is not public needs the token.
 * @throws AileronError ORIGIN_REFUSED, UNAUTHENTICATED, PERMISSION_DENIED
 */
export function authorize(request: AccessRequest, access: RouteAccess | undefined, options: LocalAccessOptions): void {
  assertLocalCaller(request, options);
  if (access === undefined) throw new AileronError('PERMISSION_DENIED');
  if (access === 'public') return;
  const token = /^Bearer ([\x21-\x7e]{1,512})$/.exec(request.authorization ?? '')?.[1];
  if (token === undefined || !isToken(token, options)) throw new AileronError('UNAUTHENTICATED');
}

/** What every request needs, whatever it asks for: before the route is known, and before a body is read. */
export function assertLocalCaller(request: AccessRequest, options: LocalAccessOptions): void {
  assertLoopbackHost(request);
  assertOrigin(request, options);
}

/** Options that protect nothing are refused when the service starts, not when somebody calls. */
export function assertLocalAccessOptions({ tokenSha256, allowedOrigins }: LocalAccessOptions): void {
  const wrong = allowedOrigins.find((origin) => !isLoopbackOrigin(origin));
  const fields = [
    ...(tokenSha256.length === 32 ? [] : [{ field: 'tokenSha256', message: 'must be a SHA-256 digest' }]),
    ...(wrong === undefined ? [] : [{ field: 'allowedOrigins', message: 'with login off, only origins on loopback' }]),
  ];
  if (fields.length > 0) throw new AileronError('CONFIG_INVALID', { fields });
}

/** Digests are compared, not tokens: their length is constant, and so is the time. */
function isToken(token: string, { tokenSha256 }: LocalAccessOptions): boolean {
  return tokenSha256.length === 32 && timingSafeEqual(hashToken(token), tokenSha256);
}

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

function assertLoopbackHost({ hosts, localPort }: AccessRequest): void {
  const [host, ...more] = hosts;
  const allowed = LOOPBACK_NAMES.flatMap((name) =>
    localPort === 80 ? [name, `${name}:80`] : [`${name}:${localPort}`],
  );
  if (host === undefined || more.length > 0 || localPort === undefined || !allowed.includes(host.toLowerCase())) {
    throw new AileronError('ORIGIN_REFUSED', { field: 'host' });
  }
}

/**
 * Sec-Fetch-Site ignores ports: a page of another port of this machine is same-site, and then its Origin decides. A
 * request that a page sends without an Origin (an image, a form's GET) is refused unless it is the API's own page.
 */
function assertOrigin({ origin, secFetchSite }: AccessRequest, { allowedOrigins }: LocalAccessOptions): void {
  if (origin !== undefined && !allowedOrigins.includes(origin))
    throw new AileronError('ORIGIN_REFUSED', { field: 'origin' });
  const sites = origin === undefined ? ['same-origin', 'none'] : ['same-origin', 'none', 'same-site'];
  if (secFetchSite !== undefined && !sites.includes(secFetchSite)) {
    throw new AileronError('ORIGIN_REFUSED', { field: 'sec-fetch-site' });
  }
}

function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  return url !== null && url.origin === origin && LOOPBACK_NAMES.includes(url.hostname);
}
