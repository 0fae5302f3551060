import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import fc from 'fast-check';
import {
  buildSchema,
  execute,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { GraphqlDocuments, readGraphqlCall, type GraphqlCall } from './graphql-request.js';
import type { JsonSchema } from './json-schema.js';
import { validateValue } from './validate-value.js';

const SCHEMA = buildSchema(`
  input In { y: Int, z: String, l: [Int] }
  type T { v: Int, t: T }
  type Query { read(x: Int, s: String, l: [String], o: In): T, other: T }
  type Mutation { write(x: Int, s: String, l: [String], o: In): T, other: T }
`);
const ARGUMENTS: JsonSchema = {
  type: 'object',
  properties: {
    x: { type: 'integer' },
    s: { type: 'string' },
    l: { type: 'array', items: { type: 'string' } },
    o: {
      type: 'object',
      properties: { y: { type: 'integer' }, z: { type: 'string' }, l: { type: 'array', items: { type: 'integer' } } },
    },
  },
};

/** A server may be laxer than the specification. */
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedVariablesRule && rule !== NoUnusedFragmentsRule);

interface Request {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string | null;
}

const bytes = (request: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(request));

function readOrNull(request: Request): GraphqlCall | null {
  try {
    return readGraphqlCall(bytes(request));
  } catch (error) {
    if (AileronError.is(error)) return null;
    throw error;
  }
}

/** What a real server would run: the root fields, with the arguments it gives them. Null: it runs nothing. */
async function whatServerRuns({ query, variables = {}, operationName }: Request): Promise<GraphqlCall[] | null> {
  const calls: GraphqlCall[] = [];
  const root = (type: 'query' | 'mutation') => (field: string) => (values: Record<string, unknown>) => {
    calls.push({ type, field, arguments: JSON.parse(JSON.stringify(values)) as Record<string, unknown> });
    return null;
  };
  const [asQuery, asMutation] = [root('query'), root('mutation')];
  try {
    const document = parse(query);
    if (validate(SCHEMA, document, RULES).length > 0) return null;
    const definition = document.definitions.find(
      (each) => each.kind === 'OperationDefinition' && (operationName == null || each.name?.value === operationName),
    );
    const isMutation = definition?.kind === 'OperationDefinition' && definition.operation === 'mutation';
    const rootValue = isMutation
      ? { write: asMutation('write'), other: asMutation('other') }
      : { read: asQuery('read'), other: asQuery('other') };
    await execute({
      schema: SCHEMA,
      document,
      rootValue,
      variableValues: variables,
      operationName: operationName ?? null,
    });
    return calls;
  } catch {
    return null;
  }
}

const literal = fc.constantFrom(
  '1',
  '-7',
  '"a"',
  '"""b"""',
  'null',
  'true',
  '["a", "b"]',
  '"a"',
  '{ y: 1 }',
  '{ z: "q", l: [1, 2] }',
  '{ y: $x }',
  '$x',
  '$s',
  '$l',
  '$o',
  '[$s]',
  '{ y: 1, y: 2 }',
  'ENUM',
  '1.5',
  '99999999999',
);
const FITTING = [
  'x: 1',
  'x: -7',
  'x: $x',
  's: "a"',
  's: """b"""',
  's: $s',
  'l: ["a", "b"]',
  'l: [$s]',
  'l: $l',
  'l: []',
  'o: { y: 1 }',
  'o: { y: $x }',
  'o: { z: "q", l: [1, 2] }',
  'o: $o',
  'x: null',
];
const wild = fc
  .tuple(fc.constantFrom('x', 's', 'l', 'o', 'x', 'nope'), literal)
  .map(([name, value]) => `${name}: ${value}`);
const argument = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...FITTING) }, { weight: 1, arbitrary: wild });
const field = fc
  .tuple(
    fc.constantFrom('', '', '', '', '', '', 'other: ', 'write: ', 'z: '),
    fc.constantFrom('read', 'read', 'read', 'write', 'write', 'write', 'other', '__typename', '__schema'),
    fc.array(argument, { maxLength: 2 }),
    fc.constantFrom('', '', '', '', '', '', ' @include(if: true)', ' @skip(if: $b)'),
  )
  .map(
    ([alias, name, values, directive]) =>
      `${alias}${name}${values.length > 0 ? `(${values.join(', ')})` : ''}${directive} ${name.startsWith('__') ? '' : '{ v t { v } }'}`,
  );
const rootSelection = fc.oneof(
  { weight: 8, arbitrary: field },
  { weight: 1, arbitrary: fc.constantFrom('...F', '... { other { v } }', '... on Mutation { other { v } }') },
);
const VARIABLES = '($x: Int = 5, $s: String, $l: [String], $o: In, $b: Boolean = false)';
const operation = fc
  .tuple(
    fc.constantFrom('query', 'query', 'query', 'mutation', 'mutation', 'mutation', 'subscription'),
    fc.constantFrom('', ' A', ' B'),
    fc.constantFrom('', VARIABLES, VARIABLES, VARIABLES),
    fc.oneof(
      { weight: 4, arbitrary: fc.array(rootSelection, { minLength: 1, maxLength: 1 }) },
      fc.array(rootSelection, { minLength: 2, maxLength: 3 }),
    ),
  )
  .map(([type, name, variables, fields]) => `${type}${name}${variables} { ${fields.join(' ')} }`);
const anyDocument = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.array(operation, { minLength: 1, maxLength: 1 }) },
      fc.array(operation, { minLength: 2, maxLength: 2 }),
    ),
    fc.constantFrom(
      '',
      '',
      '',
      ' fragment F on Query { other { v } }',
      ' fragment F on Mutation { other { v } }',
      ' # { other { v } }\n',
      ' type X { a: Int }',
    ),
  )
  .map(([operations, rest]) => operations.join(' ') + rest);
const variables = fc.record(
  {
    x: fc.constantFrom(1, 2, 3, 'a', null),
    s: fc.constantFrom('a', 'b', 'c', 1, null),
    l: fc.constantFrom<unknown>(['a'], ['b'], [], 'a', null),
    o: fc.constantFrom<unknown>({ y: 1 }, { z: 'z' }, { l: [3] }, { l: 3 }, { q: 1 }),
  },
  { requiredKeys: [] },
);

describe('a GraphQL request', () => {
  it('that is read is what a server runs: that one field with those arguments, or nothing', async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        anyDocument,
        fc.option(variables, { nil: undefined }),
        fc.constantFrom(undefined, undefined, 'A', 'B', null),
        async (query, given, operationName) => {
          const request = {
            query,
            ...(given && { variables: given }),
            ...(operationName !== undefined && { operationName }),
          };
          const call = readOrNull(request);
          if (call === null || validateValue(call.arguments, ARGUMENTS).length > 0) return;
          const server = await whatServerRuns(request);
          if (server === null || server.length === 0) return;
          ran += 1;
          expect(server).toEqual([call]);
        },
      ),
      { numRuns: 12_000 },
    );
    // The oracle is worth nothing if it has nothing to say.
    expect(ran).toBeGreaterThan(100);
  });

  it.each<[string, Request]>([
    ['no operation', { query: 'fragment F on Query { other { v } }' }],
    ['an empty document', { query: '' }],
    ['a definition of a type beside it', { query: '{ other { v } } type X { a: Int }' }],
    ['a selection thirty levels deep', { query: `{ other { ${'t { '.repeat(30)} v ${'}'.repeat(30)} } }` }],
    [
      'thirty-three fragments',
      { query: `{ other { v } } ${Array.from({ length: 33 }, (_, i) => `fragment F${i} on T { v }`).join(' ')}` },
    ],
    ['a hundred thousand brackets', { query: `{ other(x: ${'['.repeat(100_000)}` }],
    ['a variable twice', { query: 'query($x: Int, $x: Int) { read(x: $x) { v } }' }],
    ['an argument twice', { query: '{ read(x: 1, x: 2) { v } }' }],
    ['a variable that nobody declared', { query: '{ read(x: $y) { v } }' }],
    ['an empty name of the operation', { query: '{ other { v } }', operationName: '' }],
    ['variables that are a list', { query: '{ other { v } }', variables: [] as unknown as Record<string, unknown> }],
  ])('is refused with %s', (_, request) => {
    expect(() => readGraphqlCall(bytes(request))).toThrow(AileronError);
  });

  it('may use fragments, aliases and directives below the root', () => {
    const query = 'query($b: Boolean!) { read(x: 1) { a: v ...F @include(if: $b) } } fragment F on T { t { v } }';
    expect(readGraphqlCall(bytes({ query, variables: { b: true } }))).toEqual({
      type: 'query',
      field: 'read',
      arguments: { x: 1 },
    });
  });

  it('means the same when its document was read before: only what the text says is kept, never a value or a refusal', () => {
    const documents = new GraphqlDocuments();
    const query = 'query A($x: Int = 5) { read(x: $x, s: "a") { v } }';
    for (const given of [{ x: 1 }, {}, { x: null }, { y: 1 }, { x: 2 }]) {
      for (const operationName of ['A', 'B', null]) {
        const request = bytes({ query, variables: given, operationName });
        const outcome = (known?: GraphqlDocuments) => {
          try {
            return readGraphqlCall(request, known);
          } catch (error) {
            return (error as AileronError).code;
          }
        };
        expect(outcome(documents)).toEqual(outcome());
      }
    }
    const two = bytes({ query: '{ read { v } other { v } }' });
    for (let i = 0; i < 3; i += 1) expect(() => readGraphqlCall(two, documents)).toThrow(AileronError);
  });

  it('keeps no more documents than a few, the first to come going first', () => {
    const documents = new GraphqlDocuments();
    const query = (i: number) => `query Q${i} { other { v } }`;
    const first = documents.get(query(0));
    expect(documents.get(query(0))).toBe(first);
    for (let i = 1; i <= 64; i += 1) documents.get(query(i));
    expect(documents.get(query(0))).not.toBe(first);
    const long = `${query(1)} #${'x'.repeat(9_000)}`;
    expect(documents.get(long)).not.toBe(documents.get(long));
  });
});
