import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ProjectGit } from './project-git.js';

let project: string;
let git: ProjectGit;
const signal = AbortSignal.timeout(60_000);
const run = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example', ...args], { cwd: project, stdio: 'pipe' });

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'git-'));
  git = new ProjectGit({ boundary: { prefix: [], environment: { PATH: '/usr/bin:/bin' } }, folder: project });
});

async function commit(): Promise<void> {
  run('init', '-q', '-b', 'main');
  await writeFile(join(project, 'a b.txt'), 'one\n');
  await writeFile(join(project, 'gone'), 'x\n');
  await writeFile(join(project, 'old name'), 'the same content of some length\n'.repeat(5));
  run('add', '.');
  run('commit', '-qm', 'first');
}

describe('git', () => {
  it('says that a folder is no repository', async () => {
    expect(await git.status(signal)).toMatchObject({ repository: false, files: [] });
  });

  it('names what changed, was renamed, removed, staged or is new, with any name', async () => {
    await commit();
    await writeFile(join(project, 'a b.txt'), 'two\n');
    await rm(join(project, 'gone'));
    await rename(join(project, 'old name'), join(project, 'nämé\n"1"'));
    run('add', '-A', '--', 'old name', 'nämé\n"1"');
    await writeFile(join(project, 'new'), '');
    const status = await git.status(signal);
    expect(status).toMatchObject({ repository: true, branch: 'main', ahead: 0, behind: 0, truncated: false });
    expect(status.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'a b.txt', previousPath: null, index: '.', worktree: 'M' },
      { path: 'gone', previousPath: null, index: '.', worktree: 'D' },
      { path: 'new', previousPath: null, index: '?', worktree: '?' },
      { path: 'nämé\n"1"', previousPath: 'old name', index: 'R', worktree: '.' },
    ]);
  });

  it('shows the difference of one path or all, staged or not', async () => {
    await commit();
    await writeFile(join(project, 'a b.txt'), 'two\n');
    const { patch, truncated } = await git.diff({ path: 'a b.txt', staged: false }, signal);
    expect(truncated).toBe(false);
    expect(patch.toString()).toContain('-one\n+two\n');
    expect((await git.diff({ path: 'gone', staged: false }, signal)).patch.length).toBe(0);
    expect((await git.diff({ path: '', staged: true }, signal)).patch.length).toBe(0);
    expect((await git.diff({ path: ':(exclude)x', staged: false }, signal)).patch.length).toBe(0);
  });

  it('cuts a difference that is too large, and says so', async () => {
    await commit();
    await writeFile(join(project, 'a b.txt'), 'a long line of a large file\n'.repeat(200_000));
    const { patch, truncated } = await git.diff({ path: '', staged: false }, signal);
    expect([patch.length, truncated]).toEqual([2 << 20, true]);
  });

  it('runs no hook, monitor or diff program that the repository names', async () => {
    await commit();
    const trap = join(project, '.git/trap.sh');
    await writeFile(trap, `#!/bin/sh\ntouch ${join(project, 'RAN')}\ncat\n`);
    await chmod(trap, 0o755);
    for (const [name, value] of [
      ['core.fsmonitor', trap],
      ['core.pager', trap],
      ['diff.external', trap],
      ['diff.evil.textconv', trap],
      ['core.hooksPath', join(project, '.git')],
    ] as const)
      run('config', name, value);
    await mkdir(join(project, '.git/info'), { recursive: true });
    await writeFile(join(project, '.git/info/attributes'), '*.txt diff=evil\n');
    await writeFile(join(project, 'a b.txt'), 'two\n');
    await git.status(signal);
    await git.diff({ path: '', staged: false }, signal);
    expect(existsSync(join(project, 'RAN'))).toBe(false);
  });

  it('is run inside the boundary, for a filter of the repository is run with it', async () => {
    await commit();
    const marked = join(project, 'MARKED');
    // The prefix says in the environment that it was passed; the filter tells what it finds there.
    const boundary = { prefix: ['/usr/bin/env', 'INSIDE=yes'], environment: { PATH: '/usr/bin:/bin' } };
    git = new ProjectGit({ boundary, folder: project });
    for (const filter of ['clean', 'process'] as const) {
      await rm(marked, { force: true });
      run('config', `filter.evil.${filter}`, `sh -c 'echo "$INSIDE" >${marked}; cat'`);
      await writeFile(join(project, '.git/info/attributes'), '*.txt filter=evil\n');
      await writeFile(join(project, 'a b.txt'), `${filter}\n`);
      await git.diff({ path: '', staged: false }, signal);
      expect(await readFile(marked, 'utf8')).toBe('yes\n');
    }
    expect(process.env['INSIDE']).toBeUndefined();
  });

  it('ends with what it started when nobody waits any more', async () => {
    await commit();
    run('config', 'filter.evil.clean', 'sleep 600');
    await writeFile(join(project, '.git/info/attributes'), '*.txt filter=evil\n');
    await writeFile(join(project, 'a b.txt'), 'two\n');
    const refused = git.diff({ path: '', staged: false }, AbortSignal.timeout(500));
    await expect(refused).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('says when there is none', async () => {
    git = new ProjectGit({
      boundary: { prefix: ['/usr/bin/env'], environment: { PATH: '/nowhere' } },
      folder: project,
    });
    await expect(git.status(signal)).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});
