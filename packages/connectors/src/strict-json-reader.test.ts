import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StrictJsonReader } from './strict-json-reader.js';
import { parseStrictJson } from './strict-json.js';

type Outcome = { readonly value: unknown } | { readonly refused: unknown };

function outcomeOf(read: () => unknown): Outcome {
  try {
    return { value: read() };
  } catch (error) {
    return { refused: (error as { readonly code?: unknown }).code };
  }
}

/** Read in pieces whose lengths are taken from a list, over and over. */
function inPieces(bytes: Uint8Array, lengths: readonly number[]): unknown {
  const reader = new StrictJsonReader();
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    reader.push(bytes.subarray(at, at + length));
    at += length;
  }
  return reader.end();
}

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
/** What the grammar of JSON is made of, and what it is not. */
const PARTS = [
  ['{', '}', '[', ']', ',', ':', '"', '"a"', '"a":', '\\', '\\u00', '61', '\\ud83d', '\\ude00', '\\"', '\\\\'],
  ['0', '-', '1.5', 'e+3', '01', 'true', 'nul', 'null', ' ', '\n', '\t', '\u0001', '\u00a0', 'é', '😀', '\ufeff'],
  ['{"a":1,', '[1,', '"__proto__":', '{"\\u0061":', '}}', ']]'],
].flat();
const nearly = fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map((parts) => parts.join(''));
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('strict JSON that comes in pieces', () => {
  it('is what it is in one piece, wherever the pieces end', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.boolean(), lengths, (value, indented, sizes) => {
        const bytes = encode(JSON.stringify(value, null, indented ? 2 : 0));
        expect(outcomeOf(() => inPieces(bytes, sizes))).toEqual(outcomeOf(() => parseStrictJson(bytes)));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('is refused when it is refused in one piece', () => {
    fc.assert(
      fc.property(nearly, lengths, (text, sizes) => {
        const bytes = encode(text);
        expect(outcomeOf(() => inPieces(bytes, sizes))).toEqual(outcomeOf(() => parseStrictJson(bytes)));
      }),
      { numRuns: 5_000, seed: 7 },
    );
  });

  it('is refused when its bytes are not UTF-8, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), lengths, (inside, sizes) => {
        const bytes = Uint8Array.from([0x22, ...inside, 0x22]);
        expect(outcomeOf(() => inPieces(bytes, sizes))).toEqual(outcomeOf(() => parseStrictJson(bytes)));
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  it.each([1, 2, 3, 5, 6, 7, 64])('keeps escapes and characters whole in pieces of %d bytes', (size) => {
    const value = {
      'k"ey\\': 'line\n "quoted" \\ \\\\ \u0001 é 😀 \ud83d',
      n: [-0, 1e-7, 123456789012345, true, null],
    };
    const text = JSON.stringify(value).replaceAll('é', '\\u00e9').replaceAll('😀', '\\uD83D\\uDE00');
    expect(inPieces(encode(text), [size])).toEqual(JSON.parse(text));
  });

  it.each([
    ['nothing', ''],
    ['an open string', '"abc'],
    ['an open object', '{"a":1'],
    ['a second value', '{} []'],
    ['a word', 'undefined'],
    ['a wrong bracket', '{"a":[1}]'],
    ['an escaped prototype', '{"\\u005f_proto__":{}}'],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['a hundred thousand levels', '['.repeat(100_000)],
    ['a number of a megabyte', '1'.repeat(1 << 20)],
  ])('refuses %s', (_, text) => {
    expect(outcomeOf(() => inPieces(encode(text), [1_000]))).toEqual({ refused: 'ARGUMENTS_INVALID' });
  });

  it('reads a text of megabytes', () => {
    const value = { messages: Array.from({ length: 300 }, (_, i) => ({ content: `"${i}"\n😀`.repeat(1_000) })) };
    expect(inPieces(encode(JSON.stringify(value)), [65_536, 16_384, 1_337])).toEqual(value);
  });
});
