/** An entity as a policy sees it: equal to another by type and id alone. A class, so that no argument of an agent is one. */
export class Entity {
  constructor(
    readonly entityType: string,
    readonly id: string,
  ) {}

  is(other: Entity): boolean {
    return this.id === other.id && this.entityType === other.entityType;
  }
}

/** An entity that the request brings along, with what is known of it. */
export class KnownEntity extends Entity {
  constructor(
    entityType: string,
    id: string,
    readonly attributes: NativeRecord,
    /** Those it is in, directly. They are in nothing themselves. */
    readonly parents: readonly Entity[] = [],
  ) {
    super(entityType, id);
  }
}

export type NativeRecord = Readonly<Record<string, unknown>>;

/** What an expression reads. Context values are JSON as `cedarRecord` gives it: no null, no fraction. */
export interface NativeRequest {
  readonly principal: KnownEntity;
  readonly action: Entity;
  readonly resource: KnownEntity;
  readonly context: NativeRecord;
}

/** The one error of an evaluation: a value of another type than the operator takes, or an attribute that is not there. */
export class EvaluationFailure extends Error {
  override readonly name = 'EvaluationFailure';
}
const FAILURE = new EvaluationFailure('a policy could not be evaluated');

/** Made once: that a policy errs is all that is told of it. */
export function fail(): never {
  throw FAILURE;
}

/** Equality of Cedar: values of two types are not equal, sets have no order and no doubles. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Entity || b instanceof Entity) return a instanceof Entity && b instanceof Entity && a.is(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && includesAll(a, b) && includesAll(b, a);
  }
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equals((a as NativeRecord)[name], (b as NativeRecord)[name]))
  );
}

export const includes = (set: readonly unknown[], value: unknown): boolean => set.some((each) => equals(each, value));
export const includesAll = (set: readonly unknown[], values: readonly unknown[]): boolean =>
  values.every((value) => includes(set, value));

/** The texts between the wildcards of a `like` pattern, in their order; one text has no wildcard. */
export function isLike(text: string, parts: readonly string[]): boolean {
  const [first = ''] = parts;
  if (parts.length === 1) return text === first;
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
