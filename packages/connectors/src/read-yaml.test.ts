import { describe, expect, it } from '@jest/globals';
import { readYaml } from './read-yaml.js';

const read = (text: string): unknown => readYaml('demo', 'openapi', text);
const refusedAt = (place: string) =>
  expect.objectContaining({ code: 'CONNECTOR_INVALID', details: expect.objectContaining({ place }) });

describe('YAML of a connector', () => {
  it('is plain data', () => {
    expect(read('a: [1, x, true, null, "2"]\nb: { 200: ok }\nc: |\n  text\n')).toEqual({
      a: [1, 'x', true, null, '2'],
      b: { '200': 'ok' },
      c: 'text\n',
    });
  });

  it.each([
    ['an alias', 'a: &x 1\nb: *x', 'openapi.b'],
    [
      'a billion laughs',
      `a: &a [x]\n${'bcdefgh'.replaceAll(/./g, (c) => `${c}: &${c} [*${String.fromCodePoint((c.codePointAt(0) ?? 0) - 1)}, *a]\n`)}`,
      'openapi.b.0',
    ],
    ['a key twice', 'a: 1\nb: 2\na: 3', 'openapi.a'],
    ['a key twice in another spelling', 'a: 1\n"a": 3', 'openapi.a'],
    ['a number twice', '{ 1: a, "1": b }', 'openapi.1'],
    ['a merge key', 'a: { <<: { b: 1 } }', 'openapi.a'],
    ['a prototype', '__proto__: { a: 1 }', 'openapi'],
    ['a key that is a list', '? [a]\n: 1', 'openapi'],
    ['a tag', 'a: !!binary aGVsbG8=', 'openapi.a'],
    ['an own tag', 'a: !evil x', 'openapi'],
    ['two documents', 'a: 1\n---\nb: 1', 'openapi'],
    ['an error', 'a: [', 'openapi'],
    ['a number that is none', 'a: .inf', 'openapi.a'],
    ['fifty levels', `${'['.repeat(50)}${']'.repeat(50)}`, `openapi${'.0'.repeat(49)}`],
    ['a hundred thousand levels', '['.repeat(100_000), 'openapi'],
    ['a hundred thousand levels of maps', '{a: '.repeat(25_000), 'openapi'],
    ['a million values', `[${'1,'.repeat(500_000)}]`, 'openapi.199999'],
    ['more than it reads', 'a: '.padEnd((2 << 20) + 1), 'openapi'],
  ])('is refused with %s', (_, text, place) => {
    expect(() => read(text)).toThrow(refusedAt(place));
  });
});
