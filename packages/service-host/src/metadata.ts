import { AileronError } from '@aileron/errors';

/** Names of call metadata; lower case as in HTTP/2. */
export const METADATA = {
  requestId: 'x-request-id',
  tenantId: 'x-aileron-tenant',
  version: 'x-aileron-version',
  traceparent: 'traceparent',
  error: 'aileron-error-bin',
} as const;

const ID = /^[0-9A-Za-z_-]{1,64}$/;

/** A caller's request id when it is well formed, else a new one. */
export function acceptRequestId(offered: string | undefined): string {
  return offered !== undefined && ID.test(offered)
    ? offered
    : `req_${globalThis.crypto.randomUUID().replaceAll('-', '')}`;
}

/** A tenant's id as it may travel. @throws AileronError INVALID_ARGUMENT: a wrong tenant is never taken for none */
export function acceptTenantId(offered: string | undefined): string | undefined {
  if (offered === undefined || ID.test(offered)) return offered;
  throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'tenantId', message: 'is not an id' }] });
}
