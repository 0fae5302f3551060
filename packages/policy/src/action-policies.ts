import { preparsePolicySet, statefulIsAuthorized, type AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import { AileronError } from '@aileron/errors';
import type { CompiledPolicy } from './compiled-policy.js';
import type { NativePolicy } from './native-policies.js';
import { nativeRequest, readingOf } from './native-request.js';
import { EvaluationFailure, type NativeRequest } from './native-value.js';
import { cedarRequest, type PolicyQuery } from './policy-query.js';

/** Which policies decided, and which could not be evaluated, by id. */
export interface Evaluation {
  readonly decision: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly failed: readonly string[];
}

const UNREADABLE: Evaluation = { decision: 'deny', policies: [], failed: ['(request)'] };

type NativelyCompiled = CompiledPolicy & { readonly native: NativePolicy };
const isNative = (policy: CompiledPolicy): policy is NativelyCompiled => policy.native !== null;

/**
 * The policies that speak of one action. Where all of them are functions they are called, which takes a microsecond; else,
 * and for requests that only Cedar reads, Cedar evaluates all of them (60 µs, most of it its reading of the request).
 */
export class ActionPolicies {
  readonly #native: readonly NativelyCompiled[] | null;
  #prepared = false;

  constructor(
    /** Names the prepared set of this action in Cedar's cache. */
    private readonly name: string,
    readonly policies: readonly CompiledPolicy[],
  ) {
    this.#native = policies.every(isNative) ? policies : null;
  }

  evaluate(query: PolicyQuery, approvals: readonly string[]): Evaluation {
    const reading = readingOf(query);
    if (reading === 'unreadable') return UNREADABLE;
    if (this.#native === null || reading === 'escaped') return this.evaluateByCedar(query, approvals);
    return evaluateNatively(this.#native, nativeRequest(query, approvals));
  }

  evaluateByCedar(query: PolicyQuery, approvals: readonly string[]): Evaluation {
    const answer = this.#authorize(query, approvals);
    if (answer.type === 'failure') return UNREADABLE;
    const { decision, diagnostics } = answer.response;
    return { decision, policies: diagnostics.reason, failed: diagnostics.errors.map(({ policyId }) => policyId) };
  }

  #authorize(query: PolicyQuery, approvals: readonly string[]): AuthorizationAnswer {
    if (!this.#prepared) this.#prepare();
    const call = { ...cedarRequest(query, approvals), preparsedPolicySetId: this.name, validateRequest: false };
    const answer = statefulIsAuthorized(call);
    if (answer.type === 'success') return answer;
    // The library keeps a bounded number of prepared sets.
    this.#prepare();
    return statefulIsAuthorized(call);
  }

  #prepare(): void {
    const staticPolicies = Object.fromEntries(this.policies.map(({ id, text }) => [id, text]));
    const answer = preparsePolicySet(this.name, { staticPolicies });
    if (answer.type === 'failure')
      throw new AileronError('POLICY_INVALID', { policy: this.name, reason: answer.errors[0]?.message ?? '' });
    this.#prepared = true;
  }
}

/** As Cedar's authorizer does: what errs is skipped and named, a forbid beats every permit. */
function evaluateNatively(policies: readonly NativelyCompiled[], request: NativeRequest): Evaluation {
  const permits: string[] = [];
  const forbids: string[] = [];
  const failed: string[] = [];
  for (const { id, effect, native } of policies) {
    try {
      if (native(request)) (effect === 'permit' ? permits : forbids).push(id);
    } catch (error) {
      if (!(error instanceof EvaluationFailure)) throw error;
      failed.push(id);
    }
  }
  const allowed = forbids.length === 0 && permits.length > 0;
  return { decision: allowed ? 'allow' : 'deny', policies: allowed ? permits : forbids, failed };
}
