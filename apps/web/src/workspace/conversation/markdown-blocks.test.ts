import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_BLOCKS, readBlocks, safeHref } from './markdown-blocks.js';

const piece = fc.constantFrom(
  '# T\n',
  'text ',
  '\n',
  '\n\n',
  '- a\n',
  '  b\n',
  '1. x\n',
  '```ts\n',
  'code\n',
  '```\n',
  '> q\n',
  '| a | b |\n',
  '| - | - |\n',
  '**',
  '<b>',
  '    ',
  '***\n',
);

describe('the blocks of a growing text', () => {
  it('are those of the whole text, wherever it was cut', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const grown = pieces.reduce((blocks, part) => readBlocks(blocks.text + part, blocks), NO_BLOCKS);
        const plain = (tokens: typeof grown.tokens) =>
          tokens.filter(({ type }) => type !== 'space').map(({ type, raw }) => [type, raw.trim()]);
        expect(plain(grown.tokens)).toEqual(plain(readBlocks(pieces.join('')).tokens));
      }),
      { numRuns: 500 },
    );
  });

  it('stay the same objects while the last one grows', () => {
    const before = readBlocks('# One\n\nTwo is here\n\nThree');
    const after = readBlocks('# One\n\nTwo is here\n\nThree goes on', before);
    expect(after.tokens[0]).toBe(before.tokens[0]);
    expect(after.tokens[2]).toBe(before.tokens[2]);
    expect(after.tokens.at(-1)).not.toBe(before.tokens.at(-1));
  });
});

describe('safeHref', () => {
  it('follows the web and mail, and nothing else', () => {
    expect(safeHref('https://example.com/a?b#c')).toBe('https://example.com/a?b#c');
    expect(safeHref('mailto:a@example.com')).toBe('mailto:a@example.com');
    for (const href of [
      'javascript:alert(1)',
      ' javascript:x',
      'data:text/html,x',
      '/etc',
      '//evil.example',
      'vbscript:x',
      'http:',
      '',
    ]) {
      expect(safeHref(href)).toBeNull();
    }
  });
});
