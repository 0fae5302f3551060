import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';
import {
  Entity,
  equals,
  fail,
  includes,
  includesAll,
  isLike,
  type NativeRecord,
  type NativeRequest,
} from './native-value.js';

type Evaluate = (request: NativeRequest) => unknown;
type Binary = { readonly left: Expr; readonly right: Expr };
type Compile = (operands: never) => Evaluate | null;

/**
 * A Cedar expression (its JSON form) as a function, or null where it uses what only Cedar itself evaluates here: extension
 * functions, arithmetic, tags, records. The language: https://docs.cedarpolicy.com/policies/syntax-operators.html
 */
export function compileExpression(expression: Expr): Evaluate | null {
  const entries = Object.entries(expression);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) return null;
  const [operator, operands] = entry;
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  return compile?.(operands as never) ?? null;
}

const OPERATORS: Readonly<Record<string, Compile>> = {
  Value: compileValue,
  Var: (name: string) => compileVariable(name),
  '.': ({ left, attr }: { left: Expr; attr: string }) =>
    unary(left, (value, request) => attribute(value, attr, request)),
  has: compileHas,
  '==': (both: Binary) => binary(both, equals),
  '!=': (both: Binary) => binary(both, (a, b) => !equals(a, b)),
  '<': (both: Binary) => binary(both, (a, b) => long(a) < long(b)),
  '<=': (both: Binary) => binary(both, (a, b) => long(a) <= long(b)),
  '>': (both: Binary) => binary(both, (a, b) => long(a) > long(b)),
  '>=': (both: Binary) => binary(both, (a, b) => long(a) >= long(b)),
  in: (both: Binary) => binary(both, isIn),
  is: compileIs,
  '&&': (both: Binary) => compileJunction(both, false),
  '||': (both: Binary) => compileJunction(both, true),
  '!': ({ arg }: { arg: Expr }) => unary(arg, (value) => !bool(value)),
  contains: (both: Binary) => binary(both, (a, b) => includes(set(a), b)),
  containsAll: (both: Binary) => binary(both, (a, b) => includesAll(set(a), set(b))),
  containsAny: (both: Binary) => binary(both, (a, b) => containsAny(set(a), set(b))),
  isEmpty: ({ arg }: { arg: Expr }) => unary(arg, (value) => set(value).length === 0),
  like: compileLike,
  'if-then-else': compileChoice,
  Set: compileSet,
};

function unary(operand: Expr, apply: (value: unknown, request: NativeRequest) => unknown): Evaluate | null {
  const evaluate = compileExpression(operand);
  return evaluate === null ? null : (request) => apply(evaluate(request), request);
}

/** Both sides are evaluated before the operator looks at them, the left one first. */
function binary(
  { left, right }: Binary,
  apply: (a: unknown, b: unknown, request: NativeRequest) => unknown,
): Evaluate | null {
  const [first, second] = [compileExpression(left), compileExpression(right)];
  if (first === null || second === null) return null;
  return (request) => {
    const a = first(request);
    return apply(a, second(request), request);
  };
}

/** `&&` and `||`: the right side is evaluated only when the left one does not settle it. */
function compileJunction({ left, right }: Binary, settledBy: boolean): Evaluate | null {
  const [first, second] = [compileExpression(left), compileExpression(right)];
  if (first === null || second === null) return null;
  return (request) => (bool(first(request)) === settledBy ? settledBy : bool(second(request)));
}

function compileChoice({
  if: condition,
  then,
  else: otherwise,
}: {
  if: Expr;
  then: Expr;
  else: Expr;
}): Evaluate | null {
  const [test, yes, no] = [compileExpression(condition), compileExpression(then), compileExpression(otherwise)];
  if (test === null || yes === null || no === null) return null;
  return (request) => (bool(test(request)) ? yes(request) : no(request));
}

function compileSet(elements: readonly Expr[]): Evaluate | null {
  const compiled = elements.map(compileExpression);
  if (compiled.some((each) => each === null)) return null;
  return (request) => compiled.map((each) => each?.(request));
}

function compileValue(value: unknown): Evaluate | null {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)) return () => value;
  const named = entityOf(value);
  return named === null ? null : () => named;
}

/** `{ __entity: { type, id } }` or `{ type, id }`. */
export function entityOf(value: unknown): Entity | null {
  if (typeof value !== 'object' || value === null) return null;
  const uid = ('__entity' in value ? value.__entity : value) as { readonly type?: unknown; readonly id?: unknown };
  return typeof uid.type === 'string' && typeof uid.id === 'string' ? new Entity(uid.type, uid.id) : null;
}

function compileVariable(name: string): Evaluate | null {
  switch (name) {
    case 'principal':
      return ({ principal }) => principal;
    case 'action':
      return ({ action }) => action;
    case 'resource':
      return ({ resource }) => resource;
    case 'context':
      return ({ context }) => context;
    default:
      return null;
  }
}

/** `a has b.c` is `a has b && a.b has c`. */
function compileHas({ left, attr }: { left: Expr; attr: string | readonly string[] }): Evaluate | null {
  const path = typeof attr === 'string' ? [attr] : attr;
  return unary(left, (value, request) => {
    let at = value;
    for (const name of path) {
      const record = attributesOf(at, request);
      if (record === null || !Object.hasOwn(record, name)) return false;
      at = record[name];
    }
    return true;
  });
}

function compileIs({
  left,
  entity_type: entityType,
  in: within,
}: {
  left: Expr;
  entity_type: string;
  in?: Expr;
}): Evaluate | null {
  const is = unary(left, (value) => entityIn(value).entityType === entityType);
  if (within === undefined || is === null) return is;
  const inside = binary({ left, right: within }, isIn);
  return inside === null ? null : (request) => is(request) === true && inside(request);
}

function compileLike({
  left,
  pattern,
}: {
  left: Expr;
  pattern: readonly ('Wildcard' | { readonly Literal: string })[];
}): Evaluate | null {
  const parts = [''];
  for (const element of pattern) {
    if (element === 'Wildcard') parts.push('');
    else parts[parts.length - 1] += element.Literal;
  }
  return unary(left, (value) => isLike(text(value), parts));
}

/** The record, or what is known of the entity: null when nothing is. */
function attributesOf(value: unknown, { principal, resource }: NativeRequest): NativeRecord | null {
  if (value instanceof Entity) {
    const known = [principal, resource].find((each) => each.is(value));
    return known === undefined ? null : known.attributes;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as NativeRecord) : fail();
}

function attribute(value: unknown, name: string, request: NativeRequest): unknown {
  const record = attributesOf(value, request);
  return record !== null && Object.hasOwn(record, name) ? record[name] : fail();
}

function isIn(value: unknown, target: unknown, request: NativeRequest): boolean {
  const member = entityIn(value);
  const targets = Array.isArray(target) ? target.map(entityIn) : [entityIn(target)];
  return targets.some((each) => isWithin(member, each, request));
}

/** Itself, or directly in it. */
export function isWithin(member: Entity, target: Entity, { principal, resource }: NativeRequest): boolean {
  if (member.is(target)) return true;
  const known = [principal, resource].find((each) => each.is(member));
  return known?.parents.some((parent) => parent.is(target)) ?? false;
}

const containsAny = (a: readonly unknown[], b: readonly unknown[]): boolean => b.some((value) => includes(a, value));
const bool = (value: unknown): boolean => (typeof value === 'boolean' ? value : fail());
const long = (value: unknown): number => (typeof value === 'number' ? value : fail());
const text = (value: unknown): string => (typeof value === 'string' ? value : fail());
const set = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : fail());
const entityIn = (value: unknown): Entity => (value instanceof Entity ? value : fail());
