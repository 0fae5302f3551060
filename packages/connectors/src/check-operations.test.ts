import { describe, expect, it } from '@jest/globals';
import { compileConnector } from './compile-connector.js';
import type { Connector } from './connector.js';

interface Parts {
  readonly paths?: string;
  readonly schemas?: string;
  readonly actions?: string;
  readonly credential?: string;
}

const PATHS = `
  /things/{id}:
    put:
      operationId: change
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }, { name: dry, in: query, schema: { type: boolean } }]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
  /graphql:
    post: { operationId: graphql, requestBody: { content: { application/json: { schema: { type: object } } } } }`;
const SCHEMAS = `
    Thing: { type: object, properties: { name: { type: string }, secret: { type: object, properties: { pin: { type: string } } }, list: { type: array, items: { type: object, properties: { key: { type: string } } } } } }
    ById: { type: object, required: [id], properties: { id: { type: string } } }`;
const CREDENTIAL = `{ kind: api-key-header, header: x-api-key, placeholder: demo_placeholder, environment: DEMO_TOKEN }`;
const common = (name: string) =>
  `name: ${name}, title: T, description: D, effect: write, idempotent: true, approval: ask`;
const CHANGE = `{ ${common('change')}, operationId: change, redact: [pin, secret.pin, 'list.*.key'], shim: { command: change, options: [{ name: id, description: I, required: true, into: [path, id] }, { name: name, description: N, into: [body, name] }, { name: dry, type: boolean, description: D, into: [query, dry] }], output: {} } }`;
const REMOVE = `{ ${common('remove')}, graphql: { endpoint: graphql, type: mutation, field: thingDelete, arguments: ById }, shim: { command: remove, document: 'mutation($id: ID!) { thingDelete(id: $id) { ok } }', options: [{ name: id, description: I, required: true, into: [variables, id] }], output: {} } }`;

function compile({
  paths = PATHS,
  schemas = SCHEMAS,
  actions = `[${CHANGE}, ${REMOVE}]`,
  credential = CREDENTIAL,
}: Parts = {}): Connector {
  return compileConnector({
    name: 'demo',
    openapi: `openapi: 3.1.0\nservers: [{ url: https://api.demo.example }]\npaths:${paths}\ncomponents:\n  schemas:${schemas}\n`,
    overlay: `name: demo\nversion: 1.0.0\ntitle: D\ndescription: D\ncredential: ${credential}\nactions: ${actions}\n`,
  });
}

const refusedAt = (place: string, reason = '') =>
  expect.objectContaining({
    code: 'CONNECTOR_INVALID',
    details: expect.objectContaining({
      place: expect.stringContaining(place),
      reason: expect.stringContaining(reason),
    }),
  });
const get = (path: string, id: string, parameter: string) =>
  `\n  ${path}: { get: { operationId: ${id}, parameters: [{ name: ${parameter}, in: path, required: true, schema: { type: string } }] } }`;
const reads = (...ids: string[]) => `[${ids.map((id) => `{ ${common(id)}, operationId: ${id} }`).join(', ')}]`;

describe('the operations of a connector', () => {
  it('are taken when nothing speaks against them', () => {
    expect(compile().operations.map(({ name }) => name)).toEqual(['demo.change', 'demo.remove']);
  });

  it('must not be ambiguous', () => {
    const crossing = get('/{a}/x', 'one', 'a') + get('/x/{b}', 'two', 'b');
    expect(() => compile({ paths: crossing, actions: reads('one', 'two') })).toThrow(
      refusedAt('actions.two', 'ambiguous with demo.one'),
    );
    const same = get('/x/{a}', 'one', 'a') + get('/x/{b}', 'two', 'b');
    expect(() => compile({ paths: same, actions: reads('one', 'two') })).toThrow(refusedAt('actions.two', 'ambiguous'));
    const concrete = `${get('/x/{a}', 'one', 'a')}\n  /x/y: { get: { operationId: two } }`;
    expect(compile({ paths: concrete, actions: reads('one', 'two') }).operations).toHaveLength(2);
    const endpointToo = `[${REMOVE}, { ${common('all')}, operationId: graphql }]`;
    expect(() => compile({ actions: endpointToo })).toThrow(refusedAt('actions.all', 'ambiguous'));
  });

  it.each<[string, Parts, string]>([
    ['an argument in two places', { schemas: SCHEMAS.replace('name:', 'id:') }, 'actions.change'],
    ['a redaction of nothing', { actions: `[${CHANGE.replace('secret.pin', 'secret.pan')}]` }, 'actions.change'],
    ['a redaction of no key', { actions: `[${CHANGE.replace('[pin,', '[pan,')}]` }, 'actions.change'],
    [
      'an argument field that is not there',
      { actions: `[${CHANGE.replace('redact:', 'argumentFields: [nom], redact:')}]` },
      'actions.change',
    ],
    [
      'a root field twice',
      { actions: `[${REMOVE}, ${REMOVE.replace('name: remove', 'name: again')}]` },
      'actions.again',
    ],
    [
      'a mutation that claims to read',
      { actions: `[${REMOVE.replace('effect: write', 'effect: read')}]` },
      'actions.remove',
    ],
    [
      'a GraphQL endpoint with parameters',
      { actions: `[${REMOVE.replace('endpoint: graphql', 'endpoint: change')}]` },
      'actions.remove',
    ],
    ['a body that is no object', { schemas: SCHEMAS.replace('Thing: { type: object,', 'Thing: {') }, 'actions.change'],
    ['a body that is no JSON', { paths: PATHS.replace('application/json', 'text/xml') }, 'actions.change'],
    [
      'a stream without a body',
      {
        paths: get('/x/{a}', 'one', 'a'),
        actions: reads('one').replace('approval: ask', 'approval: allow, body: streamed'),
      },
      'actions.one',
    ],
    ['a header parameter', { paths: PATHS.replace('in: query', 'in: header') }, 'parameters.1.in'],
    ['a parameter that is a list', { paths: PATHS.replace('type: boolean', 'type: array') }, 'put.dry'],
    ['a parameter of any type', { paths: PATHS.replace('{ type: boolean }', '{}') }, 'put.dry'],
    ['a parameter with another style', { paths: PATHS.replace('in: query', 'in: query, style: deepObject') }, 'style'],
    ['a parameter twice', { paths: PATHS.replace('name: dry', 'name: id') }, 'paths./things/{id}.put'],
    [
      'a server of its own',
      {
        paths: PATHS.replace(
          'operationId: change',
          'operationId: change\n      servers: [{ url: https://evil.example }]',
        ),
      },
      'servers',
    ],
    ['a path with dots', { paths: PATHS.replace('/things/', '/things/../') }, 'openapi.paths'],
    ['a path with an empty segment', { paths: PATHS.replace('/things/', '/things//') }, 'openapi.paths'],
    [
      'a parameter of a prototype',
      { paths: PATHS.replaceAll('id}', '__proto__}').replace('name: id', 'name: __proto__') },
      'name',
    ],
    [
      'a keyword beside a reference',
      { schemas: SCHEMAS.replace('{ type: string }', "{ $ref: '#/components/schemas/ById', maxLength: 1 }") },
      'properties.name',
    ],
    [
      'a reference bomb',
      { schemas: `${SCHEMAS.replace('{ type: string }', "{ $ref: '#/components/schemas/A0' }")}${bomb()}` },
      'openapi.paths',
    ],
    [
      'a command twice',
      { actions: `[${CHANGE}, ${REMOVE.replace('command: remove', 'command: change')}]` },
      'remove.shim',
    ],
    [
      'an option of the runtime',
      { actions: `[${CHANGE.replace('name: dry, type', 'name: wait, type')}]` },
      'change.shim',
    ],
    ['two options in one place', { actions: `[${CHANGE.replace('[query, dry]', '[body, name]')}]` }, 'change.shim'],
    ['an option into nothing', { actions: `[${CHANGE.replace('[body, name]', '[body, nom]')}]` }, 'change.shim'],
    [
      'a path without its option',
      { actions: `[${CHANGE.replace('required: true, into: [path, id]', 'into: [path, id]')}]` },
      'change.shim',
    ],
    [
      'a document of another operation',
      { actions: `[${REMOVE.replace('{ thingDelete(', '{ thingPurge(')}]` },
      'remove.shim',
    ],
    [
      'a document of two',
      { actions: `[${REMOVE.replace('{ ok }', '{ ok } b: thingDelete(id: $id) { ok }')}]` },
      'remove.shim',
    ],
    [
      'a document without the variable',
      { actions: `[${REMOVE.replace('[variables, id]', '[variables, other]')}]` },
      'remove.shim',
    ],
    ['a document that is none', { actions: `[${REMOVE.replace('mutation($id', 'mutaton($id')}]` }, 'remove.shim'],
    ['a mistyped mark', { actions: `[${REMOVE.replace('approval: ask', 'aproval: ask')}]` }, 'actions.0'],
    ['a credential in Host', { credential: CREDENTIAL.replace('x-api-key', 'host') }, 'credential.header'],
    ['a bearer without its prefix', { credential: CREDENTIAL.replace('api-key-header', 'bearer') }, 'credential.kind'],
    [
      'a placeholder that could hide in text',
      { credential: CREDENTIAL.replace('demo_placeholder', 'short') },
      'credential.placeholder',
    ],
  ])('are refused with %s', (_, parts, place) => {
    expect(() => compile(parts)).toThrow(refusedAt(place));
  });

  it('may leave alone what they do not use', () => {
    const paths = `${PATHS}\n  /other: { get: { operationId: other, parameters: [{ name: a, in: query, schema: { type: array } }] } }`;
    expect(compile({ paths }).operations).toHaveLength(2);
  });
});

/** 16^6 strings in a few lines. */
function bomb(): string {
  const level = (from: number, to: number) =>
    `\n    A${from}: { type: object, properties: { ${Array.from({ length: 16 }, (_, i) => `p${i}: { $ref: '#/components/schemas/A${to}' }`).join(', ')} } }`;
  return `${[0, 1, 2, 3, 4, 5].map((i) => level(i, i + 1)).join('')}\n    A6: { type: string }`;
}
