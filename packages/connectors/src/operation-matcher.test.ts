import { describe, expect, it } from '@jest/globals';
import { compileConnector } from './compile-connector.js';
import type { CanonicalRequest, Connector } from './connector.js';
import { OperationMatcher } from './operation-matcher.js';

const OPENAPI = `
openapi: 3.1.0
servers: [{ url: https://api.demo.example }, { url: https://eu.demo.example/ }]
paths:
  /users/me: { get: { operationId: me } }
  /users/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer, minimum: 1 } }]
    get: { operationId: user }
    put:
      operationId: rename
      requestBody: { content: { application/json: { schema: { type: object, required: [name], additionalProperties: true, properties: { name: { type: string } } } } } }
  /repos/{owner}/{id}:
    get:
      operationId: repo
      parameters:
        - { name: dry, in: query, schema: { type: boolean } }
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: owner, in: path, required: true, schema: { type: string, pattern: '^[a-z]+$' } }
        - { name: limit, in: query, required: true, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: q, in: query, schema: { type: string, maxLength: 10 } }
  /files/{name}:
    post:
      operationId: upload
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
      requestBody: { content: { application/octet-stream: {} } }
`;
const OVERLAY = `
name: demo
version: 1.0.0
title: Demo
description: For tests.
credential: { kind: bearer, header: authorization, prefix: 'Bearer ', placeholder: demo_placeholder, environment: DEMO_TOKEN }
actions:
  - { name: me, title: Me, description: Me., effect: read, idempotent: true, approval: allow, operationId: me }
  - { name: user, title: User, description: User., effect: read, idempotent: true, approval: allow, operationId: user }
  - { name: rename, title: Rename, description: Rename., effect: write, idempotent: true, approval: ask, operationId: rename }
  - { name: repo, title: Repo, description: Repo., effect: read, idempotent: true, approval: allow, operationId: repo }
  - { name: upload, title: Upload, description: Upload., effect: write, idempotent: false, approval: allow, operationId: upload, body: streamed, maxBodyBytes: 5 }
`;
const connector = compileConnector({ name: 'demo', openapi: OPENAPI, overlay: OVERLAY });
const matcher = new OperationMatcher([connector]);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const get = (
  path: string,
  query: CanonicalRequest['query'] = [],
  over: Partial<CanonicalRequest> = {},
): CanonicalRequest => ({
  method: 'GET',
  host: 'api.demo.example',
  port: 443,
  path,
  query,
  headers: [],
  body: null,
  ...over,
});
const put = (body: string, type = 'application/json'): CanonicalRequest =>
  get('/users/7', [], { method: 'PUT', body: bytes(body), headers: [['content-type', type]] });
const refused = (code: string) => expect.objectContaining({ code });
const nameOf = (request: CanonicalRequest): string => matcher.resolve(request).operation.name;

describe('matching a request', () => {
  it('takes the most concrete template, on every host of the connector', () => {
    expect(nameOf(get('/users/me'))).toBe('demo.me');
    expect(matcher.resolve(get('/users/7', [], { host: 'eu.demo.example' }))).toMatchObject({
      operation: { name: 'demo.user' },
      arguments: { id: 7 },
    });
    expect([
      matcher.ownsHost('eu.demo.example'),
      matcher.ownsHost('demo.example'),
      matcher.ownsHost('x.api.demo.example'),
    ]).toEqual([true, false, false]);
  });

  it.each<[string, CanonicalRequest]>([
    ['a parameter that does not fit its schema', get('/users/0')],
    ['a number in another spelling', get('/users/07')],
    ['a number with a sign', get('/users/+7')],
    ['an exponent', get('/users/1e2')],
    ['an escaped slash', get('/repos/acme/a%2Fb', [['limit', '1']])],
    ['an escaped backslash', get('/repos/acme/a%5Cb', [['limit', '1']])],
    ['an escaped dot segment', get('/repos/acme/%2e%2e', [['limit', '1']])],
    ['an escaped NUL', get('/repos/acme/a%00', [['limit', '1']])],
    ['overlong UTF-8', get('/repos/acme/%c0%ae', [['limit', '1']])],
    ['an empty parameter', get('/users/')],
    ['a slash at the end', get('/users/me/')],
    ['an empty segment', get('//users/me')],
    ['another case', get('/Users/me')],
    ['HEAD of a GET', get('/users/me', [], { method: 'HEAD' })],
    ['OPTIONS', get('/users/me', [], { method: 'OPTIONS' })],
    ['a lower-case method', get('/users/me', [], { method: 'get' })],
    ['another port', get('/users/me', [], { port: 8443 })],
    ['another host', get('/users/me', [], { host: 'api.demo.example.evil' })],
    ['a method of a prototype', get('/users/me', [], { method: 'constructor' })],
    ['a path of a prototype', get('/__proto__')],
  ])('knows no operation for %s', (_, request) => {
    expect(() => matcher.match(request)).toThrow(refused('OPERATION_UNKNOWN'));
  });

  it('reads path, query and body as typed arguments', () => {
    expect(
      matcher.resolve(
        get('/repos/acme/x%20y', [
          ['limit', '20'],
          ['dry', 'true'],
          ['q', 'a+b'],
        ]),
      ).arguments,
    ).toEqual({
      owner: 'acme',
      id: 'x y',
      limit: 20,
      dry: true,
      q: 'a+b',
    });
    expect(matcher.resolve(put('{"name":"Ada"}')).arguments).toEqual({ id: 7, name: 'Ada' });
  });

  it('does not let a body say what the path says', () => {
    expect(matcher.resolve(put('{"name":"Ada","id":1}')).arguments).toEqual({ id: 7, name: 'Ada' });
  });

  it('does not depend on the order of keys: a signed bundle may have sorted them', () => {
    const sorted = JSON.parse(JSON.stringify(connector, (_, value: unknown) => sortKeys(value))) as Connector;
    const { arguments: values } = new OperationMatcher([sorted]).resolve(get('/repos/acme/x', [['limit', '1']]));
    expect(values).toMatchObject({ owner: 'acme', id: 'x' });
  });

  it.each<[string, CanonicalRequest['query']]>([
    [
      'a key twice',
      [
        ['limit', '1'],
        ['limit', '1'],
      ],
    ],
    [
      'a key that is not declared',
      [
        ['limit', '1'],
        ['debug', '1'],
      ],
    ],
    ['a key in another case', [['Limit', '1']]],
    ['a key with brackets', [['limit[]', '1']]],
    [
      'an empty key',
      [
        ['limit', '1'],
        ['', ''],
      ],
    ],
    [
      'a key of a prototype',
      [
        ['limit', '1'],
        ['__proto__', '1'],
      ],
    ],
    ['a missing key', []],
    ['a text for a number', [['limit', 'ten']]],
    ['an empty number', [['limit', '']]],
    ['a hexadecimal number', [['limit', '0x10']]],
    ['a number with a space', [['limit', ' 1']]],
    ['a number out of its range', [['limit', '101']]],
    ['a fraction', [['limit', '1.5']]],
    [
      'another boolean',
      [
        ['limit', '1'],
        ['dry', 'TRUE'],
      ],
    ],
    [
      'a long text',
      [
        ['limit', '1'],
        ['q', '12345678901'],
      ],
    ],
    ['a thousand keys', Array.from({ length: 1_000 }, (__, i) => [`k${i}`, ''] as const)],
  ])('refuses a query with %s', (_, query) => {
    expect(() => matcher.resolve(get('/repos/acme/x', query))).toThrow(refused('ARGUMENTS_INVALID'));
  });

  it.each([
    ['nothing', ''],
    ['a list', '["name"]'],
    ['a text', '"name"'],
    ['a key twice', '{"name":"a","name":"b"}'],
    ['a field of the wrong type', '{"name":1}'],
    ['two lines of JSON', '{"name":"a"}\n{"name":"b"}'],
    ['a form', 'name=a'],
    ['a comment', '{"name":"a"}//'],
  ])('refuses a body that is %s', (_, body) => {
    expect(() => matcher.resolve(put(body))).toThrow(refused('ARGUMENTS_INVALID'));
  });

  it.each([
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/vnd.x+json',
    'application/jsonp',
    'application/json; charset=utf-8; boundary=x',
  ])('does not look into a body of type "%s"', (type) => {
    expect(() => matcher.match(put('{"name":"a"}', type))).toThrow(refused('BODY_NOT_INSPECTABLE'));
  });

  it('takes no body where none is declared, and leaves a streamed one alone', () => {
    expect(matcher.match(get('/users/me')).body).toBe('none');
    expect(() => matcher.resolve(get('/users/me', [], { body: bytes('{}') }))).toThrow(refused('ARGUMENTS_INVALID'));
    const upload = get('/files/a.bin', [], { method: 'POST', headers: [['content-type', 'application/octet-stream']] });
    expect(matcher.match(upload)).toMatchObject({ body: 'streamed', maxBodyBytes: 5 });
    expect(matcher.resolve(upload).arguments).toEqual({ name: 'a.bin' });
  });

  it('refuses what operations of two connectors match', () => {
    const rival = compileConnector({
      name: 'rival',
      openapi: OPENAPI.replace('/users/{id}', '/users/{user}').replace('[{ name: id,', '[{ name: user,'),
      overlay: OVERLAY.replace('name: demo', 'name: rival'),
    });
    const both = new OperationMatcher([connector, rival]);
    expect(() => both.match(get('/users/7'))).toThrow(
      expect.objectContaining({ code: 'OPERATION_AMBIGUOUS', details: { candidates: ['demo.user', 'rival.user'] } }),
    );
  });

  it('finds one of twenty thousand operations fast', () => {
    const [operation] = connector.operations;
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      ...operation,
      name: `demo.o${i}`,
      path: `/v1/group${i % 200}/{id}/action${i}`,
    }));
    const big = new OperationMatcher([
      {
        ...connector,
        operations: many.map((each) => ({
          ...each,
          pathParameters: { id: { type: 'string' } },
        })) as unknown as Connector['operations'],
      },
    ]);
    const times: number[] = [];
    for (let i = 0; i < 20_000; i += 1) {
      const request = get(`/v1/group${i % 200}/x/action${i}`);
      const before = performance.now();
      big.match(request);
      times.push(performance.now() - before);
    }
    times.sort((a, b) => a - b);
    // The goal is 20 µs at p99 on a quiet machine; bench/ measures. Here: not proportional to the number.
    expect(times[10_000]).toBeLessThan(1);
  });
});

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
