import { AileronError } from '@aileron/errors';
import { type Call } from './call.js';
import { type ProblemExtra } from './exchange.js';
import { retryAfter } from './retry-after.js';

/** Why a call ends. A signal that ended it says more than what broke because of it. */
export function nameError(call: Call, thrown: unknown): AileronError {
  const error = AileronError.from(thrown);
  if (!call.signal.aborted) return error;
  const { details } = error;
  const sent = typeof details['sent'] === 'boolean' ? { sent: details['sent'] } : {};
  if (call.session.ended) return new AileronError('SESSION_ENDED', sent, { cause: thrown });
  const { reason } = call.signal as { reason: unknown };
  if (AileronError.is(reason)) return new AileronError(reason.code, { ...reason.details, ...sent }, { cause: thrown });
  return new AileronError('CANCELLED', sent, { cause: thrown });
}

/** A whole problem body, or a cut connection when the answer had begun. */
export async function answerRefusal(call: Call, error: AileronError, auditId: string | null): Promise<void> {
  const { response } = call;
  if (response.headWritten) return response.abort();
  try {
    await response.problem(error, problemExtra(call, error, auditId));
  } catch {
    response.abort();
  }
}

function problemExtra(call: Call, error: AileronError, auditId: string | null): ProblemExtra {
  const { connector, operation, policy, approval } = call.facts;
  const rule = policy?.rule ?? null;
  return {
    ...(connector !== undefined && { connector }),
    ...(operation !== undefined && { operation }),
    ...(rule !== null && { rule }),
    ...(approval !== undefined && { approvalId: approval.id }),
    ...(auditId !== null && { auditId }),
    ...retryAfter(error),
  };
}
