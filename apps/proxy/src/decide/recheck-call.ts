import { type PolicySet } from '@aileron/policy';
import { AileronError } from '@aileron/errors';
import { type Call } from '../call.js';
import { type ConnectorsInForce } from '../match/connectors-in-force.js';
import { type ValidRequest } from '../match/match-operation.js';
import { type ServingLease } from '../sessions/serving-lease.js';
import { denied, evaluate } from './decide.js';

/** What decides, at one moment. */
export interface RulesInForce {
  readonly connectors: ConnectorsInForce;
  readonly policy: PolicySet;
}

/**
 * The world again, as it is now: the request may have waited for long. SESSION_ENDED, ENFORCEMENT_UNAVAILABLE,
 * OPERATION_UNKNOWN (the connector changed) or POLICY_DENIED.
 */
export function recheckCall(input: {
  call: Call;
  request: ValidRequest;
  decidedBy: RulesInForce;
  now: RulesInForce;
  lease: ServingLease;
  /** Rules that a person granted. */
  granted: readonly string[];
}): void {
  const { call, request, decidedBy, now, lease, granted } = input;
  assertGoingOn(call);
  lease.assertAlive();
  if (now.connectors === decidedBy.connectors && now.policy === decidedBy.policy && granted.length === 0) return;
  const { match } = request;
  // A person approved what this very connector makes of the request; without one it is enough that the operation is the same.
  if (granted.length > 0 ? !now.connectors.has(match.connector) : !now.connectors.holds(match))
    throw new AileronError('OPERATION_UNKNOWN', { reason: 'connector-changed' });
  const { session, head } = call;
  const where = { session: session.info, method: head.method, host: head.host };
  const decision = evaluate({ policy: now.policy, match, ...where, approvals: granted });
  if (decision.verdict === 'deny') throw denied(decision);
  if (decision.verdict === 'ask') throw new AileronError('POLICY_DENIED', { reason: 'policy-changed-while-held' });
}

/** SESSION_ENDED or CANCELLED once somebody ended it. */
export function assertGoingOn({ session, signal }: Pick<Call, 'session' | 'signal'>): void {
  if (session.ended) throw new AileronError('SESSION_ENDED');
  if (signal.aborted) throw AileronError.is(signal.reason) ? signal.reason : new AileronError('CANCELLED');
}
