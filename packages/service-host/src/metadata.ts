/** Names of call metadata; lower case as in HTTP/2. */
export const METADATA = {
  requestId: 'x-request-id',
  tenantId: 'x-aileron-tenant',
  version: 'x-aileron-version',
  traceparent: 'traceparent',
  error: 'aileron-error-bin',
} as const;

const REQUEST_ID = /^[0-9A-Za-z_-]{1,64}$/;

/** A caller's request id when it is well formed, else a new one. */
export function acceptRequestId(offered: string | undefined): string {
  return offered !== undefined && REQUEST_ID.test(offered) ? offered : `req_${globalThis.crypto.randomUUID().replaceAll('-', '')}`;
}
