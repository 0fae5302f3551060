import {
  preparsePolicySet,
  statefulIsAuthorized,
  type AuthorizationAnswer,
  type EntityJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import { AileronError } from '@aileron/errors';
import { cedarRecord } from './cedar-value.js';
import { compileSource, validatePolicies, type AskRule, type CompiledPolicy } from './compiled-policy.js';
import { PolicyBundle } from './policy-source.js';

export interface PolicyQuery {
  readonly principal: { readonly userId: string; readonly agent: string; readonly groups: readonly string[] };
  /** Full name of an operation. */
  readonly action: string;
  readonly resource: { readonly connector: string; readonly host: string; readonly workspace?: string | undefined };
  readonly context: {
    readonly method: string;
    readonly host: string;
    readonly egress: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  };
  /** Rules that were approved for this very request. */
  readonly approvals?: readonly string[];
}

export type PolicyDecision =
  | { readonly verdict: 'allow'; readonly policies: readonly string[] }
  | { readonly verdict: 'ask'; readonly rules: readonly AskRule[]; readonly policies: readonly string[] }
  | { readonly verdict: 'deny'; readonly rule: string; readonly reason: string; readonly policies: readonly string[] };

interface Evaluation {
  readonly decision: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly failed: readonly string[];
}

let sets = 0;

/** The policies of one bundle, ready to decide. Immutable. */
export class PolicySet {
  private readonly prefix = `set-${(sets += 1)}`;
  private readonly byId: ReadonlyMap<string, CompiledPolicy>;
  private readonly prepared = new Set<string>();

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
    const first = this.evaluate(query, approvals);
    if (first.failed.length > 0)
      return deny('evaluation-error', `could not be evaluated: ${first.failed.join(', ')}`, first.failed);
    if (first.decision === 'allow') return { verdict: 'allow', policies: first.policies };
    const asking = first.policies.map((id) => this.byId.get(id)?.ask ?? null);
    const rules = asking.filter((rule) => rule !== null);
    if (first.policies.length === 0) return deny('default', 'no policy permits this', []);
    const forbidding = first.policies.find((_, index) => asking[index] === null);
    if (forbidding !== undefined) return deny(forbidding, 'a policy forbids this', first.policies);
    const then = this.evaluate(query, [...approvals, ...rules.map(({ rule }) => rule)]);
    if (then.decision !== 'allow' || then.failed.length > 0)
      return deny('default', 'no policy permits this, approved or not', first.policies);
    return { verdict: 'ask', rules, policies: [...first.policies, ...then.policies] };
  }

  /** The policies that are looked at for an operation. */
  relevantTo(action: string): readonly CompiledPolicy[] {
    return this.policies.filter(({ actions }) => actions === null || actions.includes(action));
  }

  private evaluate(query: PolicyQuery, approvals: readonly string[]): Evaluation {
    const answer = this.authorize(query, approvals);
    if (answer.type === 'failure') return { decision: 'deny', policies: [], failed: ['(request)'] };
    const { decision, diagnostics } = answer.response;
    return { decision, policies: diagnostics.reason, failed: diagnostics.errors.map(({ policyId }) => policyId) };
  }

  private authorize(query: PolicyQuery, approvals: readonly string[]): AuthorizationAnswer {
    const set = `${this.prefix}:${query.action}`;
    if (!this.prepared.has(set)) this.prepare(set, query.action);
    const call = { ...requestOf(query, approvals), preparsedPolicySetId: set, validateRequest: false };
    const answer = statefulIsAuthorized(call);
    if (answer.type === 'success') return answer;
    // The library keeps a bounded number of prepared sets.
    this.prepare(set, query.action);
    return statefulIsAuthorized(call);
  }

  private prepare(set: string, action: string): void {
    const staticPolicies = Object.fromEntries(this.relevantTo(action).map(({ id, text }) => [id, text]));
    const answer = preparsePolicySet(set, { staticPolicies });
    if (answer.type === 'failure')
      throw new AileronError('POLICY_INVALID', { policy: set, reason: answer.errors[0]?.message ?? '' });
    this.prepared.add(set);
  }
}

function deny(rule: string, reason: string, policies: readonly string[]): PolicyDecision {
  return { verdict: 'deny', rule, reason, policies };
}

function requestOf({ principal, action, resource, context }: PolicyQuery, approvals: readonly string[]) {
  const user = { type: 'User', id: principal.userId };
  const groups = principal.groups.map((id) => ({ type: 'Group', id }));
  const target = { type: 'Connector', id: resource.connector };
  const { workspace } = resource;
  const entities: EntityJson[] = [
    { uid: user, attrs: { agent: principal.agent }, parents: groups },
    { uid: target, attrs: { host: resource.host, ...(workspace === undefined ? {} : { workspace }) }, parents: [] },
  ];
  return {
    principal: user,
    action: { type: 'Action', id: action },
    resource: target,
    context: { ...context, arguments: cedarRecord(context.arguments), approvals: [...approvals] },
    entities,
  };
}
