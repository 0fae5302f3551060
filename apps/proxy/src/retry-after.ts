import { type AileronError, type ErrorCode } from '@aileron/errors';

/** A person unlocks, or the management plane comes back: worth asking again soon. */
const SOON_SECONDS = 2;
const SOON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'LEASE_MISSING',
  'LEASE_EXPIRED',
  'ENFORCEMENT_UNAVAILABLE',
  'UNAVAILABLE',
  'RATE_LIMITED',
]);

/** When it is worth trying again, for the problem body and its Retry-After; nothing when trying again changes nothing. */
export function retryAfter({ code, details }: AileronError): { readonly retryAfterSeconds?: number } {
  const named = details['retryAfterSeconds'];
  if (typeof named === 'number') return { retryAfterSeconds: named };
  return SOON.has(code) ? { retryAfterSeconds: SOON_SECONDS } : {};
}
