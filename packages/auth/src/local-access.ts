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
  readonly host: string | undefined;
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
  assertLoopbackHost(request);
  assertOrigin(request, options);
  if (access === undefined) throw new AileronError('PERMISSION_DENIED');
  if (access === 'public') return;
  const token = /^Bearer ([\x21-\x7e]{1,512})$/.exec(request.authorization ?? '')?.[1];
  if (token === undefined || !timingSafeEqual(hashToken(token), options.tokenSha256)) throw new AileronError('UNAUTHENTICATED');
}

function assertLoopbackHost({ host, localPort }: AccessRequest): void {
  const allowed = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${localPort}`);
  if (host === undefined || !allowed.includes(host.toLowerCase())) throw new AileronError('ORIGIN_REFUSED', { field: 'host' });
}

function assertOrigin({ origin, secFetchSite }: AccessRequest, { allowedOrigins }: LocalAccessOptions): void {
  if (origin !== undefined && !allowedOrigins.includes(origin)) throw new AileronError('ORIGIN_REFUSED', { field: 'origin' });
  if (secFetchSite !== undefined && !['same-origin', 'none'].includes(secFetchSite)) {
    throw new AileronError('ORIGIN_REFUSED', { field: 'sec-fetch-site' });
  }
}
