import { AileronError } from '@aileron/errors';
import { ActionPolicies } from './action-policies.js';
import { compileSource, validatePolicies, type AskRule, type CompiledPolicy } from './compiled-policy.js';
import type { PolicyQuery } from './policy-query.js';
import { PolicyBundle } from './policy-source.js';

export type { PolicyQuery } from './policy-query.js';

export type PolicyDecision =
  | { readonly verdict: 'allow'; readonly policies: readonly string[] }
  | { readonly verdict: 'ask'; readonly rules: readonly AskRule[]; readonly policies: readonly string[] }
  | { readonly verdict: 'deny'; readonly rule: string; readonly reason: string; readonly policies: readonly string[] };

let sets = 0;

/** The policies of one bundle, ready to decide. Immutable. */
export class PolicySet {
  private readonly prefix = `set-${(sets += 1)}`;
  private readonly byId: ReadonlyMap<string, CompiledPolicy>;
  private readonly byAction = new Map<string, ActionPolicies>();

  private constructor(
    readonly version: number,
    private readonly policies: readonly CompiledPolicy[],
  ) {
    this.byId = new Map(policies.map((policy) => [policy.id, policy]));
  }

  /** Checks every policy against the schema and its layer. @throws AileronError POLICY_INVALID naming the policy */
  static compile(bundle: unknown): PolicySet {
    const parsed = PolicyBundle.safeParse(bundle);
    if (!parsed.success)
      throw new AileronError('POLICY_INVALID', { policy: '(bundle)', reason: parsed.error.issues[0]?.message ?? '' });
    const policies = parsed.data.policies.flatMap(compileSource);
    const twice = policies.find((policy, index) => policies.findIndex(({ id }) => id === policy.id) !== index);
    if (twice) throw new AileronError('POLICY_INVALID', { policy: twice.id, reason: 'this id is there twice' });
    validatePolicies(policies, parsed.data.schema);
    return new PolicySet(parsed.data.version, policies);
  }

  /**
   * Deny over ask over allow, and deny by default. A rule that cannot be evaluated denies: Cedar itself would skip it.
   * Ask: only rules that ask stand in the way of a permit.
   */
  decide(query: PolicyQuery): PolicyDecision {
    const approvals = query.approvals ?? [];
    const relevant = this.ofAction(query.action);
    const first = relevant.evaluate(query, approvals);
    if (first.failed.length > 0)
      return deny('evaluation-error', `could not be evaluated: ${first.failed.join(', ')}`, first.failed);
    if (first.decision === 'allow') return { verdict: 'allow', policies: first.policies };
    const asking = first.policies.map((id) => this.byId.get(id)?.ask ?? null);
    const rules = asking.filter((rule) => rule !== null);
    if (first.policies.length === 0) return deny('default', 'no policy permits this', []);
    const forbidding = first.policies.find((_, index) => asking[index] === null);
    if (forbidding !== undefined) return deny(forbidding, 'a policy forbids this', first.policies);
    const then = relevant.evaluate(query, [...approvals, ...rules.map(({ rule }) => rule)]);
    if (then.decision !== 'allow' || then.failed.length > 0)
      return deny('default', 'no policy permits this, approved or not', first.policies);
    return { verdict: 'ask', rules, policies: [...first.policies, ...then.policies] };
  }

  /** The policies that are looked at for an operation. */
  relevantTo(action: string): readonly CompiledPolicy[] {
    return this.policies.filter(({ actions }) => actions === null || actions.includes(action));
  }

  private ofAction(action: string): ActionPolicies {
    const known = this.byAction.get(action);
    if (known !== undefined) return known;
    const policies = new ActionPolicies(`${this.prefix}:${action}`, this.relevantTo(action));
    this.byAction.set(action, policies);
    return policies;
  }
}

function deny(rule: string, reason: string, policies: readonly string[]): PolicyDecision {
  return { verdict: 'deny', rule, reason, policies };
}
