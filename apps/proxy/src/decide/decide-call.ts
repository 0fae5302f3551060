import { type PolicySet } from '@aileron/policy';
import { AileronError } from '@aileron/errors';
import { type Call } from '../call.js';
import { type ValidRequest } from '../match/match-operation.js';
import { type Allowed, type Asked, denied, evaluate } from './decide.js';

/** As many as a record holds. */
const MAX_POLICIES = 64;

/** POLICY_DENIED, or what must happen first. What was decided goes into the call's record. */
export function decideCall(call: Call, { match, body }: ValidRequest, policy: PolicySet): Allowed | Asked {
  const { session, head } = call;
  const decision = evaluate({ policy, session: session.info, match, method: head.method, host: head.host });
  const { version } = policy;
  switch (decision.verdict) {
    case 'allow':
      call.learn({
        policy: { version, verdict: 'allow', rule: null, policies: decision.policies.slice(0, MAX_POLICIES) },
      });
      return decision;
    case 'deny':
      call.learn({
        policy: { version, verdict: 'deny', rule: decision.rule, policies: decision.policies.slice(0, MAX_POLICIES) },
      });
      throw denied(decision);
    case 'ask': {
      const [first] = decision.rules;
      const policies = decision.policies.slice(0, MAX_POLICIES);
      call.learn({ policy: { version, verdict: 'ask', rule: first?.rule ?? null, policies } });
      // An answer of nobody is none, and nobody can approve what cannot be shown.
      if (first === undefined) throw new AileronError('POLICY_DENIED', { reason: 'ask-without-rule' });
      if (body === null) throw new AileronError('POLICY_DENIED', { rule: first.rule, reason: 'unseen-body' });
      return decision;
    }
  }
}
