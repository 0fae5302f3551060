import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { compileExpression, entityOf, isWithin } from './native-expression.js';
import { Entity, EvaluationFailure, type NativeRequest } from './native-value.js';

/** Whether a policy applies. Throws EvaluationFailure where Cedar reports an error. */
export type NativePolicy = (request: NativeRequest) => boolean;

type Scope = PolicyJson['principal'] | PolicyJson['resource'] | PolicyJson['action'];
type Named = 'principal' | 'action' | 'resource';

/** A policy (its JSON form) as a function; null when Cedar itself has to evaluate it. */
export function compileNative(policy: PolicyJson): NativePolicy | null {
  const scopes = (['principal', 'action', 'resource'] as const).map((name) => compileScope(name, policy[name]));
  const conditions = policy.conditions.map(({ kind, body }) => {
    const evaluate = compileExpression(body);
    return evaluate === null ? null : { evaluate, holds: kind === 'when' };
  });
  if ([...scopes, ...conditions].some((each) => each === null)) return null;
  const inScope = scopes.filter((each) => each !== null);
  const required = conditions.filter((each) => each !== null);
  return (request) => {
    for (const isInside of inScope) if (!isInside(request)) return false;
    for (const { evaluate, holds } of required) {
      const value = evaluate(request);
      if (typeof value !== 'boolean') throw new EvaluationFailure('a condition is no boolean');
      if (value !== holds) return false;
    }
    return true;
  };
}

function compileScope(name: Named, scope: Scope): NativePolicy | null {
  switch (scope.op) {
    case 'All':
      return () => true;
    case '==': {
      const named = 'entity' in scope ? entityOf(scope.entity) : null;
      return named === null ? null : (request) => request[name].is(named);
    }
    case 'in':
      return compileWithin(name, scope);
    case 'is': {
      const { entity_type: entityType, in: within } = scope;
      const isWithinToo = within === undefined ? () => true : compileWithin(name, within);
      if (isWithinToo === null) return null;
      return (request) => request[name].entityType === entityType && isWithinToo(request);
    }
    default:
      return null;
  }
}

/** In one of the entities. Templates have slots instead: they are not used here. */
function compileWithin(name: Named, scope: object): NativePolicy | null {
  const uids: readonly unknown[] =
    'entities' in scope ? (scope.entities as unknown[]) : 'entity' in scope ? [scope.entity] : [];
  const targets = uids.map(entityOf);
  if (targets.length === 0 || targets.some((each) => each === null)) return null;
  const known = targets.filter((each) => each instanceof Entity);
  return (request) => known.some((target) => isWithin(request[name], target, request));
}
