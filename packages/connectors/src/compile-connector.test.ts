import { describe, expect, it } from '@jest/globals';
import { cedarSchema } from './cedar-schema.js';
import { compileConnector } from './compile-connector.js';
import { defaultPolicies } from './default-policies.js';

const OPENAPI = `
openapi: 3.1.0
servers: [{ url: https://api.demo.example }]
paths:
  /things/{id}:
    get: { operationId: read, parameters: [{ name: id, in: path, required: true, schema: { type: string } }] }
  /things:
    post: { operationId: create, requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } } }
components:
  schemas:
    Thing: { type: object, required: [name], properties: { name: { type: string, maxLength: 10 }, tags: { type: array, items: { type: string } } } }
`;
const OVERLAY = `
name: demo
version: 1.0.0
title: Demo
description: For tests.
credential: { kind: bearer, header: authorization, prefix: 'Bearer ', placeholder: demo_placeholder, environment: DEMO_TOKEN }
actions:
  - { name: read, title: Read, description: Read., effect: read, idempotent: true, approval: allow, operationId: read }
  - { name: create, title: Create, description: Create., effect: write, idempotent: false, approval: ask, operationId: create }
`;
const compile = (openapi = OPENAPI, overlay = OVERLAY) => compileConnector({ name: 'demo', openapi, overlay });
const refusedAt = (place: string) =>
  expect.objectContaining({
    code: 'CONNECTOR_INVALID',
    details: expect.objectContaining({ connector: 'demo', place: expect.stringContaining(place) }),
  });

describe('a connector', () => {
  it('is plain data, the same for the same texts, another for others', () => {
    const connector = compile();
    expect(JSON.parse(JSON.stringify(connector))).toEqual(connector);
    expect(compile().digest).toBe(connector.digest);
    expect(compile(OPENAPI, OVERLAY.replace('approval: ask', 'approval: allow')).digest).not.toBe(connector.digest);
    expect(connector.operations.map(({ name }) => name)).toEqual(['demo.read', 'demo.create']);
  });

  it('becomes policies that permit and ask as marked, and a schema that knows its arguments', () => {
    const [policy] = defaultPolicies([compile()]);
    expect(policy?.cedar).toContain('action in [Action::"demo.read", Action::"demo.create"]');
    expect(policy?.cedar).toContain('unless { context.approvals.contains("demo.create") }');
    const schema = JSON.parse(cedarSchema([compile()])) as Record<string, { actions: Record<string, unknown> }>;
    expect(Object.keys(schema['']?.actions ?? {})).toEqual(['demo.read', 'demo.create']);
    expect(JSON.stringify(schema)).toContain('"tags":{"type":"Set","element":{"type":"String"},"required":false}');
  });

  it.each([
    [
      'a reference elsewhere',
      OPENAPI.replace('#/components/schemas/Thing', 'https://evil.example/schema.json'),
      'requestBody',
    ],
    ['a reference to a file', OPENAPI.replace('#/components/schemas/Thing', './other.yaml'), 'requestBody'],
    [
      'a reference in a circle',
      OPENAPI.replace('items: { type: string }', "items: { $ref: '#/components/schemas/Thing' }"),
      'requestBody',
    ],
    ['a keyword we do not check', OPENAPI.replace('maxLength: 10', 'allOf: []'), 'allOf'],
    ['a pattern that could take for ever', OPENAPI.replace('maxLength: 10', () => "pattern: '^(a+)+$'"), 'pattern'],
    ['a pattern without ends', OPENAPI.replace('maxLength: 10', "pattern: 'a'"), 'pattern'],
    ['a plain http server', OPENAPI.replace('https:', 'http:'), 'servers'],
    ['a server with a port', OPENAPI.replace('demo.example', 'demo.example:8443'), 'servers'],
    [
      'a server with a variable',
      OPENAPI.replace('https://api.demo.example', '"https://{region}.demo.example"'),
      'servers',
    ],
    ['a server for every host', OPENAPI.replace('api.demo.example', '*'), 'servers'],
    ['a path parameter that is not declared', OPENAPI.replace('name: id,', 'name: other,'), 'paths./things/{id}'],
    ['a path with part of a segment', OPENAPI.replace('/things/{id}', '/things/x{id}'), 'paths./things/x{id}'],
    ['a path with regular expressions', OPENAPI.replace('/things:', '/things(.*):'), 'paths'],
    ['another version of OpenAPI', OPENAPI.replace('3.1.0', '3.0.3'), 'openapi'],
    ['an operation twice', OPENAPI.replace('operationId: create', 'operationId: read'), 'paths./things.post'],
    ['YAML with aliases', `a: &a [x, x]\nb: [*a, *a]\n${OPENAPI}`, 'openapi'],
    ['no YAML', '{', 'openapi'],
    ['five megabytes', ' '.repeat(5 << 20), 'openapi'],
  ])('is refused with %s', (_, openapi, place) => {
    expect(() => compile(openapi)).toThrow(refusedAt(place));
  });

  it.each([
    ['an unknown key', `${OVERLAY}\nallowEverything: true`, 'connector'],
    ['an operation that is not there', OVERLAY.replace('operationId: read', 'operationId: drop'), 'operationId drop'],
    ['an action twice', OVERLAY.replace('name: create,', 'name: read,'), 'actions.read'],
    ['a name of another', OVERLAY.replace('name: demo', 'name: linear'), 'connector.name'],
    [
      'ask for a body that nobody sees',
      OVERLAY.replace('approval: ask,', 'approval: ask, body: streamed,'),
      'actions.create',
    ],
    ['an approval that is none', OVERLAY.replace('approval: ask', 'approval: maybe'), 'connector.actions'],
    ['no actions', OVERLAY.slice(0, OVERLAY.indexOf('actions:')), 'connector.actions'],
    [
      'a header of several lines',
      OVERLAY.replace('header: authorization', 'header: "a\\r\\nb"'),
      'connector.credential.header',
    ],
  ])('is refused with %s', (_, overlay, place) => {
    expect(() => compile(OPENAPI, overlay)).toThrow(refusedAt(place));
  });
});
