import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pageWeight } from './page-weight.js';

function built(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('what a page loads first', () => {
  it('is what index.html links and what its entry imports, once each, and nothing that comes later', () => {
    const folder = built({
      'index.html':
        '<script type="module" src="/assets/index-a.js"></script><link rel="modulepreload" href="/assets/shared-b.js"><link rel="stylesheet" href="/assets/page-c.css">',
      'assets/index-a.js':
        'm=["assets/app-d.js","assets/shared-b.js"];import"./shared-b.js";await import(`./app-d.js`)',
      'assets/shared-b.js': 'export{}',
      'assets/app-d.js': 'import("./later-e.js")',
      'assets/later-e.js': 'x'.repeat(1_000),
      'assets/page-c.css': 'a{}',
    });
    const { first, styleGzippedBytes } = pageWeight(folder);
    expect(first.map(({ file }) => file).toSorted()).toEqual(['app-d.js', 'index-a.js', 'shared-b.js']);
    expect(styleGzippedBytes).toBeGreaterThan(0);
  });

  it('is refused where nothing was built', () => {
    expect(() => pageWeight(built({ 'index.html': '<p>' }))).toThrow('no page');
  });
});
