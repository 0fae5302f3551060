import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundedInput, boundedText, boundedTitle } from './bounded-content.js';
import { EVENT_LIMITS } from '@aileron/contracts/agent-events';

describe('what an agent says of a tool', () => {
  it('comes as it is while it is small', () => {
    const object = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 });
    fc.assert(
      fc.property(object, (value) => {
        const { input, truncated } = boundedInput(value);
        expect(truncated).toBe(false);
        expect(JSON.stringify(input)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('is cut when it is large, deep or wide, and says so', () => {
    const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ inner }), 'core');
    for (const value of [
      { text: '\u0001'.repeat(10 * EVENT_LIMITS.input) },
      { list: Array.from({ length: 100_000 }, (_, i) => i) },
      { many: Array.from({ length: 5_000 }, (_, i) => ({ [`key-${i}`]: 'x'.repeat(500) })) },
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`key-${i}`, { a: [[[1]]] }])),
      { deep },
      { undefined, number: Number.NaN },
    ]) {
      const { input, truncated } = boundedInput(value);
      expect(truncated || 'number' in value).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(input))).toBeLessThan(220 << 10);
    }
  });

  it('keeps the head and the tail of a long text, and counts what is between', () => {
    expect(boundedText('short', 100)).toEqual({ text: 'short', omitted: 0 });
    const { text, omitted } = boundedText(`head${'x'.repeat(1_000)}tail`, 100);
    expect(text.length).toBeLessThanOrEqual(100);
    expect(text).toMatch(/^head[^]*\n…\n[^]*tail$/);
    expect(text.length - 3 + omitted).toBe(1_008);
  });

  it('is one line in a title', () => {
    expect(boundedTitle('  two\n lines\t')).toBe('two lines');
    expect(boundedTitle('x'.repeat(500)).length).toBe(EVENT_LIMITS.title);
  });
});
