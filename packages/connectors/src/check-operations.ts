import { checkShims } from './check-shims.js';
import type { Operation, RestOperation } from './connector.js';
import { invalidConnector } from './invalid-connector.js';
import type { JsonSchema } from './json-schema.js';
import { segmentsOf } from './path-trie.js';

/** What each operation is right in alone and all of them contradict each other in. @throws AileronError CONNECTOR_INVALID */
export function checkOperations(connector: string, operations: readonly Operation[]): void {
  refuseTwice(connector, operations);
  refuseAmbiguous(connector, operations);
  for (const operation of operations) checkOperation(connector, operation);
  checkShims(connector, operations);
}

const refuse = (connector: string, { name }: Operation, reason: string): never => {
  throw invalidConnector(connector, `connector.actions.${name.slice(connector.length + 1)}`, reason);
};

function refuseTwice(connector: string, operations: readonly Operation[]): void {
  const seen = new Set<string>();
  for (const operation of operations) {
    const keys = operation.kind === 'rest' ? [] : [`${operation.path} ${operation.type} ${operation.field}`];
    for (const key of [operation.name, ...keys]) {
      if (seen.has(key)) refuse(connector, operation, `${key} is there twice`);
      seen.add(key);
    }
  }
}

interface Shape {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

/** Templates that one path can match, neither of which is the more concrete: `/{a}/x` and `/x/{b}`. */
function refuseAmbiguous(connector: string, operations: readonly Operation[]): void {
  const groups = new Map<string, Shape[]>();
  for (const operation of operations) {
    const segments = segmentsOf(operation.path);
    const key = `${operation.method} ${segments.length}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    const rival = group.find((other) => areRivals(other, { operation, segments }));
    if (rival) refuse(connector, operation, `is ambiguous with ${rival.operation.name}`);
    group.push({ operation, segments });
  }
}

const isParameter = (segment: string | undefined): boolean => segment?.startsWith('{') === true;

function areRivals(a: Shape, b: Shape): boolean {
  if (a.operation.kind === 'graphql' && b.operation.kind === 'graphql' && a.operation.path === b.operation.path)
    return false;
  let aWins = false;
  let bWins = false;
  for (const [index, left] of a.segments.entries()) {
    const right = b.segments[index];
    if (isParameter(left)) bWins ||= !isParameter(right);
    else if (isParameter(right)) aWins = true;
    else if (left !== right) return false;
  }
  return aWins === bWins;
}

function checkOperation(connector: string, operation: Operation): void {
  if (operation.kind === 'rest') checkRest(connector, operation);
  else if (operation.type === 'mutation' && operation.effect === 'read')
    refuse(connector, operation, 'a mutation is a write');
  if (operation.body === 'streamed' && operation.approval === 'ask')
    refuse(connector, operation, 'a streamed body is not seen, so it cannot be asked for');
  for (const path of operation.redact) {
    if (!canHold(operation.parameters, path.split('.')))
      refuse(connector, operation, `redact ${path} names no argument`);
  }
}

function checkRest(connector: string, operation: RestOperation): void {
  const fields = Object.keys(operation.bodySchema?.properties ?? {});
  const names = [...Object.keys(operation.pathParameters), ...Object.keys(operation.queryParameters), ...fields];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  // Policy and approver see one flat record: an argument must have one meaning.
  if (twice !== undefined) refuse(connector, operation, `${twice} is an argument in two places`);
  const stray = operation.argumentFields?.find((name) => !fields.includes(name));
  if (stray !== undefined) refuse(connector, operation, `argumentFields ${stray} is not a field of the body`);
}

/** A key alone is hidden at any depth, a path where it leads; `*` is any item of a list. */
function canHold(schema: JsonSchema, path: readonly string[]): boolean {
  const [name] = path;
  return path.length === 1 && name !== undefined ? holdsKey(schema, name) : leadsTo(schema, path);
}

function holdsKey(schema: JsonSchema, name: string): boolean {
  if (schema.additionalProperties === true || Object.hasOwn(schema.properties ?? {}, name)) return true;
  return childrenOf(schema).some((child) => holdsKey(child, name));
}

function leadsTo(schema: JsonSchema, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined || schema.additionalProperties === true) return true;
  const next = name === '*' ? schema.items : schema.properties?.[name];
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return (next !== undefined && leadsTo(next, rest)) || forms.some((form) => leadsTo(form, [name, ...rest]));
}

function childrenOf({ properties, items, anyOf = [], oneOf = [] }: JsonSchema): JsonSchema[] {
  return [...Object.values(properties ?? {}), ...(items === undefined ? [] : [items]), ...anyOf, ...oneOf];
}
