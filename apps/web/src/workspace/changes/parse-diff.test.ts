import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { countChanges, hunksOfEdit, parseDiff, splitRows } from './parse-diff.js';

const folder = mkdtempSync(join(tmpdir(), 'diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'core.autocrlf=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
  });
const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);

describe('parseDiff', () => {
  it('reads what git writes: changed, new, deleted, renamed, binary, strange names', () => {
    git('init', '-q');
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    write('changed.txt', lines.join('\n'));
    write('gone.txt', 'a\n');
    write('old name.txt', `${lines.join('\n')}\n`);
    write('picture', Uint8Array.of(0, 1, 2, 0));
    write('ümläut "q".txt', 'x\n');
    git('add', '-A');
    git('commit', '-qm', 'one');
    write('changed.txt', [...lines.slice(0, 2), 'new', ...lines.slice(3, 25), 'end'].join('\n'));
    rmSync(join(folder, 'gone.txt'));
    renameSync(join(folder, 'old name.txt'), join(folder, 'new name.txt'));
    write('picture', Uint8Array.of(0, 3, 2, 0));
    write('ümläut "q".txt', 'y\n');
    write('empty', '');
    git('add', '-A');
    const files = new Map(parseDiff(git('diff', '--cached', '-M')).map((file) => [file.path, file]));
    expect([...files.keys()].toSorted()).toEqual(
      ['changed.txt', 'empty', 'gone.txt', 'new name.txt', 'picture', 'ümläut "q".txt'].toSorted(),
    );
    expect(files.get('new name.txt')).toMatchObject({ previousPath: 'old name.txt', hunks: [] });
    expect(files.get('picture')?.binary).toBe(true);
    expect(countChanges(files.get('gone.txt')?.hunks ?? [])).toEqual({ added: 0, removed: 1 });
    const hunks = files.get('changed.txt')?.hunks ?? [];
    expect(hunks).toHaveLength(2);
    expect(hunks[0]?.lines).toContainEqual({ kind: 'removed', text: 'line 2', before: 3, after: null });
    expect(hunks[0]?.lines).toContainEqual({ kind: 'added', text: 'new', before: null, after: 3 });
    expect(hunks[1]?.lines.at(-1)).toMatchObject({ kind: 'note', text: 'No newline at end of file' });
  });

  it('does not take content for a header', () => {
    const patch = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- a/y\n+++ b/y\n';
    expect(parseDiff(patch)[0]?.hunks[0]?.lines.map(({ kind, text }) => [kind, text])).toEqual([
      ['removed', '-- a/y'],
      ['added', '++ b/y'],
    ]);
  });

  it('gives nothing for what is no patch', () => {
    for (const text of ['', 'hello', '@@ -1 +1 @@\n-a']) expect(parseDiff(text)).toEqual([]);
  });
});

describe('splitRows', () => {
  it('puts what was removed beside what was added for it', () => {
    const [hunk] = hunksOfEdit([{ oldStart: 4, newStart: 4, lines: [' a', '-b', '-c', '+d', ' e', '+f'] }]);
    expect(splitRows(hunk?.lines ?? []).map((row) => row.map((line) => line?.text ?? null))).toEqual([
      ['a', 'a'],
      ['b', 'd'],
      ['c', null],
      ['e', 'e'],
      [null, 'f'],
    ]);
    expect(hunk?.lines.at(-1)).toMatchObject({ after: 7 });
  });
});
