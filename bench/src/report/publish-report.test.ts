import { describe, expect, it } from '@jest/globals';
import { replaceBetween } from './publish-report.js';

const page = (tables: string): string =>
  `# Title\n\n<!-- written by pnpm bench --publish -->${tables}<!-- end -->\n\nWords.\n`;

describe('the page with the last tables', () => {
  it('keeps what people wrote around them', () => {
    expect(replaceBetween(page('\n\nold\n\n'), 'new')).toBe(page('\n\nnew\n\n'));
  });

  it('is refused when it has no place for them', () => {
    expect(() => replaceBetween('# Title\n', 'new')).toThrow('lacks');
  });
});
