import { type MatchResult } from '@aileron/connectors';
import { AileronError } from '@aileron/errors';
import { type PolicyDecision, type PolicySet } from '@aileron/policy';
import { type SessionInfo } from '../ports/data-plane.port.js';

export type Allowed = Extract<PolicyDecision, { verdict: 'allow' }>;
export type Asked = Extract<PolicyDecision, { verdict: 'ask' }>;

export interface PolicyInput {
  readonly policy: PolicySet;
  readonly session: SessionInfo;
  readonly match: MatchResult;
  readonly method: string;
  readonly host: string;
  /** Rules that a person granted for this request. */
  readonly approvals?: readonly string[];
}

/** What the signed bundle says about this request. */
export function evaluate({ policy, session, match, method, host, approvals = [] }: PolicyInput): PolicyDecision {
  return policy.decide({
    principal: { userId: session.user.id, agent: session.agent, groups: [] },
    action: match.operation.name,
    resource: {
      connector: match.connector.name,
      host,
      ...(session.workspace !== null && { workspace: session.workspace }),
    },
    context: { method, host, egress: 'owned', arguments: match.arguments },
    approvals: [...approvals],
  });
}

/** POLICY_DENIED with the rule. */
export function denied(decision: Extract<PolicyDecision, { verdict: 'deny' }>): AileronError {
  return new AileronError('POLICY_DENIED', { rule: decision.rule, reason: decision.reason });
}
