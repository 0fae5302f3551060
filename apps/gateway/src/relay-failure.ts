import { AileronError } from '@aileron/errors';

/** Idempotent by RFC 9110, 9.2.2, and without a body that was sent already. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The connection was closed as the request was written to it. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE']);
/** The request reached nobody. */
const NOT_SENT = new Set(['ECONNREFUSED', 'EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

/** Whether a request is sent once more after this, over a connection that was not used before. */
export const isWorthAnother = (failed: { method: string; attempt: number; error: unknown }): boolean =>
  failed.attempt === 0 && REPEATABLE.has(failed.method) && BROKEN.has(codeOf(failed.error));

/** Why a service did not answer. @returns AileronError UNAVAILABLE, DEADLINE_EXCEEDED, ANSWER_LOST */
export function relayFailure(thrown: Error & { readonly statusCode?: number }): AileronError {
  const { cause = thrown } = thrown;
  if (thrown.statusCode === 504) return new AileronError('DEADLINE_EXCEEDED', {}, { cause });
  if (NOT_SENT.has(codeOf(cause))) return new AileronError('UNAVAILABLE', {}, { cause });
  return new AileronError('ANSWER_LOST', {}, { cause });
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
