import { describe, expect, it } from '@jest/globals';
import { compileConnector, generateShim, OperationMatcher, type CanonicalRequest } from '@aileron/connectors';
import { source } from './index.js';

const connector = compileConnector(source);
const matcher = new OperationMatcher([connector]);
const CREATE = 'mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier } } }';
const INPUT = { input: { title: 'Login is broken', teamId: 'ENG' } };

function request(body: unknown, over: Partial<CanonicalRequest> = {}): CanonicalRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    method: 'POST',
    host: 'api.linear.app',
    port: 443,
    path: '/graphql',
    query: [],
    headers: [['content-type', 'application/json']],
    body: new TextEncoder().encode(text),
    ...over,
  };
}

const refusal = (body: unknown, over: Partial<CanonicalRequest> = {}): unknown => {
  try {
    matcher.resolve(request(body, over));
    return 'matched';
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('the linear connector', () => {
  it('knows a mutation by its root field, whatever the document calls itself', () => {
    const match = matcher.resolve(
      request({ query: CREATE.replace('mutation', 'mutation Harmless'), variables: INPUT, operationName: 'Harmless' }),
    );
    expect(match.operation).toMatchObject({ name: 'linear.create_issue', approval: 'ask', effect: 'write' });
    expect(match.arguments).toEqual(INPUT);
    expect(match.summary).toBe('Create an issue: Login is broken');
  });

  it('reads literals, defaults and absent variables as the server does', () => {
    const query = 'query($n: Int = 7, $after: String) { issues(first: $n, after: $after) { nodes { id } } }';
    expect(matcher.resolve(request({ query })).arguments).toEqual({ first: 7 });
    expect(matcher.resolve(request({ query: '{ issues(first: 3) { nodes { id } } }' })).arguments).toEqual({
      first: 3,
    });
  });

  it.each([
    [
      'two root fields',
      `mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success } b: issueCreate(input: $input) { success } }`,
    ],
    ['an alias', `mutation($input: IssueCreateInput!) { viewer: issueCreate(input: $input) { success } }`],
    [
      'an alias of its own name',
      `mutation($input: IssueCreateInput!) { issueCreate: issueCreate(input: $input) { success } }`,
    ],
    [
      'an inline fragment at the root',
      `mutation($input: IssueCreateInput!) { ... { issueCreate(input: $input) { success } } }`,
    ],
    [
      'a fragment at the root',
      `mutation($input: IssueCreateInput!) { ...F } fragment F on Mutation { issueCreate(input: $input) { success } }`,
    ],
    [
      'two operations',
      `query A { viewer { id } } mutation B($input: IssueCreateInput!) { issueCreate(input: $input) { success } }`,
    ],
    [
      'a directive at the root',
      `mutation($input: IssueCreateInput!) { issueCreate(input: $input) @include(if: true) { success } }`,
    ],
    ['a subscription', `subscription { issueCreate { id } }`],
    ['a query beside it', `query { viewer { id } teams { nodes { id } } }`],
  ])('refuses %s', (_, query) => {
    expect(refusal({ query, variables: query.includes('$input') ? INPUT : {} })).toBe('OPERATION_AMBIGUOUS');
  });

  it.each([
    ['an unlisted mutation', 'mutation { issueDelete(id: "x") { success } }'],
    ['an unlisted query', '{ apiKeys { nodes { id } } }'],
    ['a listed query as a mutation', 'mutation { viewer { id } }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['its own type name', '{ __typename }'],
  ])('does not know %s', (_, query) => {
    expect(refusal({ query })).toBe('OPERATION_UNKNOWN');
  });

  it.each([
    ['a batch', [{ query: CREATE, variables: INPUT }], 'OPERATION_AMBIGUOUS'],
    [
      'a persisted query',
      { extensions: { persistedQuery: { version: 1 } }, query: CREATE, variables: INPUT },
      'ARGUMENTS_INVALID',
    ],
    ['a duplicate key', `{"query":"{ viewer { id } }","query":${JSON.stringify(CREATE)}}`, 'ARGUMENTS_INVALID'],
    ['a duplicate key in another spelling', `{"query":"{ viewer { id } }","\\u0071uery":"x"}`, 'ARGUMENTS_INVALID'],
    ['a prototype key', `{"__proto__":{},"query":"{ viewer { id } }"}`, 'ARGUMENTS_INVALID'],
    ['a byte order mark', `\ufeff{"query":"{ viewer { id } }"}`, 'ARGUMENTS_INVALID'],
    ['something after the JSON', `{"query":"{ viewer { id } }"} {}`, 'ARGUMENTS_INVALID'],
    [
      'deep nesting',
      `{"query":"{ viewer { id } }","variables":${'[['.repeat(50)}${']]'.repeat(50)}}`,
      'ARGUMENTS_INVALID',
    ],
    [
      'an unknown field of the input',
      { query: CREATE, variables: { input: { ...INPUT.input, delegateId: 'x' } } },
      'ARGUMENTS_INVALID',
    ],
    ['a missing field', { query: CREATE, variables: { input: { title: 'x' } } }, 'ARGUMENTS_INVALID'],
    [
      'a field of the wrong type',
      { query: CREATE, variables: { input: { title: ['x'], teamId: 'ENG' } } },
      'ARGUMENTS_INVALID',
    ],
    ['a variable that is not declared', { query: '{ viewer { id } }', variables: { x: 1 } }, 'ARGUMENTS_INVALID'],
    ['an operation name of another', { query: 'query A { viewer { id } }', operationName: 'B' }, 'ARGUMENTS_INVALID'],
    ['ten thousand tokens', { query: `{ viewer { ${'id '.repeat(10_000)} } }` }, 'ARGUMENTS_INVALID'],
    ['no JSON', 'nonsense', 'ARGUMENTS_INVALID'],
  ])('refuses %s', (_, body, code) => {
    expect(refusal(body)).toBe(code);
  });

  it.each<[string, Partial<CanonicalRequest>, string]>([
    ['GET', { method: 'GET', body: null }, 'OPERATION_UNKNOWN'],
    ['OPTIONS', { method: 'OPTIONS' }, 'OPERATION_UNKNOWN'],
    ['another path', { path: '/graphql2' }, 'OPERATION_UNKNOWN'],
    ['a path with a slash at its end', { path: '/graphql/' }, 'OPERATION_UNKNOWN'],
    ['another port', { port: 8443 }, 'OPERATION_UNKNOWN'],
    ['a query string', { query: [['a', 'b']] }, 'ARGUMENTS_INVALID'],
    ['another media type', { headers: [['content-type', 'text/plain']] }, 'BODY_NOT_INSPECTABLE'],
    [
      'two media types',
      {
        headers: [
          ['content-type', 'application/json'],
          ['content-type', 'text/plain'],
        ],
      },
      'BODY_NOT_INSPECTABLE',
    ],
    ['another charset', { headers: [['content-type', 'application/json; charset=utf-16']] }, 'BODY_NOT_INSPECTABLE'],
    [
      'a compressed body',
      {
        headers: [
          ['content-type', 'application/json'],
          ['content-encoding', 'gzip'],
        ],
      },
      'BODY_NOT_INSPECTABLE',
    ],
  ])('refuses %s', (_, over, code) => {
    expect(refusal({ query: '{ viewer { id } }' }, over)).toBe(code);
  });

  it('allows reads and asks for every mutation', () => {
    for (const operation of connector.operations) {
      expect(operation.kind === 'graphql' && operation.type === 'mutation').toBe(operation.approval === 'ask');
    }
  });

  it('makes a command whose documents it matches itself', () => {
    const shim = generateShim(connector);
    const spec = JSON.parse(shim?.spec ?? '{}') as {
      commands: {
        request: { document: string };
        operation: string;
        options: { required: boolean; into: string[]; type: string }[];
      }[];
    };
    expect(spec.commands).toHaveLength(connector.operations.length);
    for (const command of spec.commands) {
      const variables: Record<string, unknown> = {};
      for (const option of command.options.filter((each) => each.required)) {
        let place: Record<string, unknown> = { variables };
        for (const key of option.into.slice(0, -1)) place = (place[key] ??= {}) as Record<string, unknown>;
        place[option.into.at(-1) ?? ''] = 'x';
      }
      if (command.operation === 'linear.update_issue') variables['input'] = {};
      expect(matcher.resolve(request({ query: command.request.document, variables })).operation.name).toBe(
        command.operation,
      );
    }
  });
});
