import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

const parse = (text: string): unknown => parseStrictJson(new TextEncoder().encode(text));
const refused = expect.objectContaining({ code: 'ARGUMENTS_INVALID' });

describe('strict JSON', () => {
  it('reads whatever the language writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('"__proto__":')) return;
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('refuses a key that stands twice, however deep and however spelt', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8 }), fc.nat(5), fc.boolean(), (key, depth, escaped) => {
        if (key === '__proto__') return;
        const plain = JSON.stringify(key);
        const units = Array.from({ length: key.length }, (_, i) => key.charCodeAt(i).toString(16).padStart(4, '0'));
        const again = escaped ? `"${units.map((unit) => `\\u${unit}`).join('')}"` : plain;
        const text = `${'{"a":['.repeat(depth)}{${plain}:1, ${again} : 2}${']}'.repeat(depth)}`;
        expect(() => parse(text)).toThrow(refused);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('does not take a value for a key, nor a key of another object for its own', () => {
    expect(parse('{"a":"a","b":{"a":1},"c":[{"a":1},{"a":2}],"d":"\\",\\"a\\":"}')).toMatchObject({ a: 'a' });
  });

  it.each([
    ['nothing', ''],
    ['a comment', '{"a":1 /* b */}'],
    ['NaN', '{"a":NaN}'],
    ['two values', '{} {}'],
    ['a prototype', '{"a":{"__proto__":{}}}'],
    ['an escaped prototype', '{"\\u005f_proto__":{}}'],
    ['a byte order mark', '\ufeff{}'],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['a hundred thousand levels', '['.repeat(100_000)],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(refused);
  });

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0xaf, 0x22],
      [0xfe, 0xff, 0x00, 0x7b],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(() => parseStrictJson(Uint8Array.from(bytes))).toThrow(refused);
    }
  });
});
