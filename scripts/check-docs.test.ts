import { describe, expect, it } from '@jest/globals';
import { checkErrors } from './docs/check-errors.ts';
import { checkPages, type DocsWorld } from './docs/check-pages.ts';

const FILES: Readonly<Record<string, string>> = {
  'docs/a.md': '# One thing: `done`\n## Other\n```\n## not a heading\n```\n',
  'packages/vault': '',
  'README.md': '',
};
const world: DocsWorld = {
  read: (path) => FILES[path] ?? null,
  scripts: new Set(['generate']),
  commands: new Set(['demo', 'approval', 'approval list', 'approval show', 'secret', 'secret set']),
};
const check = (text: string, path = 'README.md') => checkPages([{ path, text }], world).map(({ what }) => what);

describe('the check of pages', () => {
  it('lets links, anchors, commands and paths pass that are there', () => {
    const text = [
      '[a](docs/a.md) [b](docs/a.md#one-thing-done) [c](https://example.com/x) [d](packages/vault/)',
      '`aileron approval list|show`, `./aileron test packages/x`, `pnpm generate`, `pnpm install`, `packages/vault`, `[x](nowhere)`',
      '```sh\n./aileron demo --json   # aileron nothing\naileron secret set linear && aileron demo\n```',
    ];
    expect(check(text.join('\n'))).toEqual([]);
    expect(check('[up](../README.md) [sister](a.md#other)', 'docs/b.md')).toEqual([]);
  });

  it('finds what is not there', () => {
    const planted: readonly (readonly [text: string, what: string])[] = [
      ['[a](docs/none.md)', 'links to docs/none.md, which is not there'],
      ['[a](docs/a.md#none)', 'links to docs/a.md#none, which has no such heading'],
      ['[a](docs/a.md#not-a-heading)', 'links to docs/a.md#not-a-heading, which has no such heading'],
      ['`./aileron none`', 'names the command `./aileron none`, which is not there'],
      [
        '```sh\naileron approval list && aileron approval none\n```',
        'names `aileron approval none`, which is not there',
      ],
      ['`pnpm none`', 'names `pnpm none`, which is no script'],
      ['`packages/none`', 'names packages/none, which is not there'],
    ];
    for (const [text, what] of planted) expect(check(text)).toEqual([what]);
    expect(checkPages([{ path: 'README.md', text: 'a\n\n[a](none)' }], world)[0]?.line).toBe(3);
  });

  it('fails when there was nothing to check', () => {
    expect(() => checkPages([], world)).toThrow('nothing was checked');
    expect(() => checkErrors('', [], 'docs/errors.md')).toThrow('nothing was checked');
  });
});

describe('the check of the error page', () => {
  const page = '| code | |\n| --- | --- |\n| `A_B` | 1 |\n| `C` | 2 |';
  it('wants every error documented once, and no other', () => {
    expect(checkErrors(page, ['A_B', 'C'], 'p')).toEqual([]);
    expect(checkErrors(page, ['A_B', 'C', 'D'], 'p')).toEqual([{ path: 'p', line: 1, what: 'does not document D' }]);
    expect(checkErrors(page, ['A_B'], 'p')).toMatchObject([{ line: 4 }]);
    expect(checkErrors(`${page}\n| \`C\` | 2 |`, ['A_B', 'C'], 'p')).toMatchObject([{ line: 5 }]);
    expect(checkErrors(null, ['A_B'], 'p')).toHaveLength(1);
  });
});
