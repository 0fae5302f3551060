import { AileronError } from '@aileron/errors';
import {
  Kind,
  parse,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { parseStrictJson } from './strict-json.js';

const MOST_TOKENS = 4_000;
const MOST_FRAGMENTS = 32;
const DEEPEST_SELECTION = 24;
const BODY_KEYS = new Set(['query', 'variables', 'operationName']);

/** The one root field of a request, with its arguments as values. */
export interface GraphqlCall {
  readonly type: 'query' | 'mutation';
  readonly field: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What a document says of itself, before its variables have values. It is read only. */
export interface GraphqlDocument {
  readonly type: 'query' | 'mutation';
  readonly field: string;
  /** Of the operation; null when it has none. */
  readonly name: string | null;
  readonly arguments: readonly (readonly [name: string, value: ValueNode])[];
  readonly variables: readonly VariableDefinitionNode[];
}

const MOST_DOCUMENTS = 64;
const LONGEST_DOCUMENT = 8_192;

/**
 * The documents that somebody sent before, by their exact text: agents send few, again and again, and what a text says does
 * not change. Of one session alone.
 */
export class GraphqlDocuments {
  readonly #read = new Map<string, GraphqlDocument>();

  get(query: string): GraphqlDocument {
    const known = this.#read.get(query);
    if (known !== undefined) return known;
    const document = readDocument(query);
    if (query.length > LONGEST_DOCUMENT) return document;
    const [oldest] = this.#read.size >= MOST_DOCUMENTS ? this.#read.keys() : [];
    if (oldest !== undefined) this.#read.delete(oldest);
    this.#read.set(query, document);
    return document;
  }
}

/**
 * Reads a GraphQL request over HTTP strictly: one document with one operation that selects one root field by its own
 * name. Whatever could make the server do something else than what is read here — a batch, an alias, a fragment or a
 * directive at the root, a second operation, extensions — is refused. `json`: the body, when it was parsed already.
 * @throws AileronError OPERATION_AMBIGUOUS, OPERATION_UNKNOWN, ARGUMENTS_INVALID
 */
export function readGraphqlCall(body: Uint8Array, documents?: GraphqlDocuments, json?: unknown): GraphqlCall {
  const request = readRequest(json ?? parseStrictJson(body));
  const document = documents?.get(request.query) ?? readDocument(request.query);
  if (request.operationName !== null && document.name !== request.operationName)
    throw invalid('operationName', 'must name the one operation');
  const variables = readVariables(document.variables, request.variables);
  const values: Record<string, unknown> = {};
  for (const [name, node] of document.arguments) {
    const value = valueOf(node, variables);
    if (value !== undefined) define(values, name, value);
  }
  return { type: document.type, field: document.field, arguments: values };
}

function readDocument(query: string): GraphqlDocument {
  const operation = onlyOperation(parseDocument(query));
  const field = onlyRootField(operation);
  const { variableDefinitions: variables = [] } = operation;
  refuseDuplicates(variables.map(({ variable }) => variable.name.value));
  const values = field.arguments?.map(({ name, value }) => [name.value, value] as const) ?? [];
  refuseDuplicates(values.map(([name]) => name));
  return {
    type: operation.operation as 'query' | 'mutation',
    field: field.name.value,
    name: operation.name?.value ?? null,
    arguments: values,
    variables,
  };
}

/** Defines, so that a name such as `__proto__` is a name. */
function define(values: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  else values[name] = value;
}

interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
}

function readRequest(value: unknown): GraphqlRequest {
  if (Array.isArray(value)) throw ambiguous('a batch of operations');
  if (typeof value !== 'object' || value === null) throw invalid('(body)', 'must be an object');
  const extra = Object.keys(value).find((key) => !BODY_KEYS.has(key));
  if (extra !== undefined) throw invalid(extra.slice(0, 64), 'is not taken: only query, variables and operationName');
  const { query, variables = {}, operationName = null } = value as Record<string, unknown>;
  if (typeof query !== 'string') throw invalid('query', 'must be a string');
  if (operationName !== null && typeof operationName !== 'string') throw invalid('operationName', 'must be a string');
  if (variables !== null && (typeof variables !== 'object' || Array.isArray(variables)))
    throw invalid('variables', 'must be an object');
  return { query, variables: (variables ?? {}) as Record<string, unknown>, operationName };
}

function parseDocument(query: string): DocumentNode {
  try {
    return parse(query, { noLocation: true, maxTokens: MOST_TOKENS });
  } catch (cause) {
    throw new AileronError(
      'ARGUMENTS_INVALID',
      { fields: [{ field: 'query', message: 'is not a GraphQL document within the limits' }] },
      { cause },
    );
  }
}

function onlyOperation({ definitions }: DocumentNode): OperationDefinitionNode {
  const operations = definitions.filter(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  );
  const fragments = definitions.filter(isFragment);
  if (operations.length + fragments.length !== definitions.length) throw invalid('query', 'must hold operations only');
  for (const each of [...operations, ...fragments]) refuseDeep(each.selectionSet, 1);
  if (fragments.length > MOST_FRAGMENTS) throw invalid('query', `must hold at most ${MOST_FRAGMENTS} fragments`);
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) throw ambiguous('more than one operation, or none');
  if (operation.operation === 'subscription') throw ambiguous('a subscription');
  if (operation.directives?.length) throw ambiguous('a directive on the operation');
  return operation;
}

const isFragment = (definition: DefinitionNode): definition is FragmentDefinitionNode =>
  definition.kind === Kind.FRAGMENT_DEFINITION;

function refuseDeep(set: SelectionSetNode | undefined, depth: number): void {
  if (depth > DEEPEST_SELECTION) throw invalid('query', `is deeper than ${DEEPEST_SELECTION}`);
  for (const selection of set?.selections ?? []) {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) refuseDeep(selection.selectionSet, depth + 1);
  }
}

function onlyRootField({ selectionSet: { selections } }: OperationDefinitionNode): FieldNode {
  const [field] = selections;
  if (field === undefined || selections.length > 1) throw ambiguous('more than one root field');
  if (field.kind !== Kind.FIELD) throw ambiguous('a fragment at the root');
  if (field.alias !== undefined) throw ambiguous('an alias at the root');
  if (field.directives?.length) throw ambiguous('a directive at the root');
  if (field.name.value.startsWith('__')) throw new AileronError('OPERATION_UNKNOWN', { reason: 'introspection' });
  return field;
}

function readVariables(
  definitions: readonly VariableDefinitionNode[],
  given: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const { variable, defaultValue } of definitions) {
    const name = variable.name.value;
    if (Object.hasOwn(given, name)) values.set(name, given[name]);
    else values.set(name, defaultValue === undefined ? undefined : valueOf(defaultValue, NO_VARIABLES));
  }
  for (const name of Object.keys(given)) {
    if (!values.has(name)) throw invalid(`variables.${name.slice(0, 64)}`, 'is not declared by the operation');
  }
  return values;
}

const NO_VARIABLES: ReadonlyMap<string, unknown> = new Map();

/** A literal or variable as JSON. An absent variable is undefined, as the specification has it: not given. */
function valueOf(node: ValueNode, variables: ReadonlyMap<string, unknown>): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      if (!variables.has(node.name.value)) throw invalid(`variables.${node.name.value}`, 'is used and not declared');
      return variables.get(node.name.value);
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => valueOf(value, variables) ?? null);
    case Kind.OBJECT: {
      refuseDuplicates(node.fields.map(({ name }) => name.value));
      const fields = node.fields.map(({ name, value }) => [name.value, valueOf(value, variables)] as const);
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    }
    default:
      return node.value;
  }
}

function refuseDuplicates(names: readonly string[]): void {
  if (new Set(names).size !== names.length) throw invalid('query', 'names something twice');
}

const ambiguous = (reason: string): AileronError => new AileronError('OPERATION_AMBIGUOUS', { reason });
const invalid = (field: string, message: string): AileronError =>
  new AileronError('ARGUMENTS_INVALID', { fields: [{ field, message }] });
