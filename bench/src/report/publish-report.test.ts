import { describe, expect, it } from '@jest/globals';
import { replaceBetween } from './publish-report.js';

const page = (tables: string): string =>
  `# Title\n\n<!-- written by pnpm bench --publish -->${tables}<!-- end -->\n\nWords.\n`;

describe('the page with the last tables', () => {
  it('keeps what people wrote around them', () => {
    expect(replaceBetween(page('\n\nold\n\n'), 'new')).toBe(page('\n\nnew\n\n'));
  });

  it('has a place for each plane', () => {
    const both = `${page('\n\nold\n\n')}<!-- of the workspace plane, written by pnpm bench --publish -->\n<!-- end -->\n`;
    const written = replaceBetween(both, 'new', 'workspace');
    expect(written).toContain('old');
    expect(written).toContain('workspace plane, written by pnpm bench --publish -->\n\nnew\n\n<!-- end -->');
  });

  it('is refused when it has no place for them', () => {
    expect(() => replaceBetween('# Title\n', 'new')).toThrow('lacks');
  });
});
