import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BoundedPattern } from './bounded-pattern.js';

const matches = (source: string, text: string): boolean | undefined => BoundedPattern.parse(source)?.matches(text);

describe('a bounded pattern', () => {
  it('means what the language means by it', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '-',
      '\\d',
      '\\w',
      '.',
      '[ab]',
      '[^a]',
      '[\\w-]',
      '[a-c0]',
      '\\.',
      'é',
      '[€x]',
      '😀',
    );
    const repeats = fc.constantFrom('', '?', '*', '+', '{2}', '{0,2}', '{1,}', '{0}');
    const pattern = fc
      .array(fc.tuple(atom, repeats), { minLength: 1, maxLength: 6 })
      .map((parts) => `^${parts.flat().join('')}$`);
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '0', '-', '.', 'é', '€', '😀', '\n', '\u2028'), { maxLength: 10 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        expect(matches(source, value)).toBe(new RegExp(source, 'u').test(value));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    '',
    '^',
    '$',
    'a',
    '^a',
    'a$',
    '^(a+)+$',
    '^a|b$',
    '^(?=a)a$',
    '^a$b$',
    '^^a$',
    '^a++$',
    '^a+?$',
    '^*$',
    '^[]$',
    '^[^]$',
    '^[z-a]$',
    '^[a$',
    '^[\\d-z]$',
    '^[[:alpha:]]$',
    '^a{2,1}$',
    '^a{x}$',
    '^a{$',
    '^\\p{L}$',
    '^\\1$',
    '^\\$',
    '^a{9999999}$',
    `^${'a'.repeat(600)}$`,
    `^${'a?'.repeat(65)}$`,
  ])('is not %s', (source) => {
    expect(BoundedPattern.parse(source)).toBeNull();
  });

  it('never takes long, whatever the pattern and the text', () => {
    const before = performance.now();
    // Exponential or of a high degree for an engine that backtracks.
    expect(matches(`^${'a*'.repeat(60)}b$`, 'a'.repeat(20_000))).toBe(false);
    expect(matches(`^${'\\w{0,9999}'.repeat(8)}$`, `${'a'.repeat(20_000)}!`)).toBe(false);
    expect(matches(`^${'[a-z]+'.repeat(30)}$`, 'a'.repeat(20_000))).toBe(true);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('matches no document', () => {
    expect(matches('^.*$', 'a'.repeat(65_536))).toBe(true);
    expect(matches('^.*$', 'a'.repeat(65_537))).toBe(false);
  });
});
