import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LARGEST_FILE_BYTES, ProjectFiles } from './project-files.js';
import { ProjectRoot } from './project-path.js';

let outside: string;
let project: string;
let files: ProjectFiles;
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'runtime-'));
  project = join(outside, 'project');
  await mkdir(join(project, 'src'), { recursive: true });
  await writeFile(join(outside, 'secret'), 'not yours');
  await writeFile(join(project, 'src/a.txt'), 'one');
  files = new ProjectFiles(await ProjectRoot.open(project));
});

const text = async (path: string) => (await files.read(path)).content?.toString();

describe('files of a project', () => {
  it('are listed, folders first, with size and kind', async () => {
    await writeFile(join(project, 'b'), '22');
    await symlink('b', join(project, 'a-link'));
    const { entries, truncated } = await files.list('');
    expect(truncated).toBe(false);
    expect(entries.map(({ name, kind, bytes }) => [name, kind, bytes])).toEqual([
      ['src', 'directory', expect.any(Number)],
      ['a-link', 'link', 1],
      ['b', 'file', 2],
    ]);
  });

  it('are saved whole, when they are what was edited, and keep their mode', async () => {
    await chmod(join(project, 'src/a.txt'), 0o755);
    const { etag } = await files.read('src/a.txt');
    const saved = await files.write('src/a.txt', Buffer.from('two'), etag);
    expect(await text('src/a.txt')).toBe('two');
    expect((await stat(join(project, 'src/a.txt'))).mode & 0o777).toBe(0o755);
    expect((await files.read('src/a.txt')).etag).toBe(saved.etag);
  });

  it('are not overwritten when somebody else changed, made or removed them', async () => {
    const { etag } = await files.read('src/a.txt');
    await writeFile(join(project, 'src/a.txt'), 'the agent was here');
    const conflict = (reason: string) => ({ code: 'CONFLICT', details: { reason } });
    await expect(files.write('src/a.txt', Buffer.from('mine'), etag)).rejects.toMatchObject(
      conflict('the file was changed'),
    );
    await expect(files.write('src/a.txt', Buffer.from('mine'), '')).rejects.toMatchObject(
      conflict('there is a file of this name'),
    );
    await expect(files.write('src/none.txt', Buffer.from('mine'), etag)).rejects.toMatchObject(
      conflict('the file is gone'),
    );
    expect(await text('src/a.txt')).toBe('the agent was here');
  });

  it('of two saves at once keep the first', async () => {
    const { etag } = await files.read('src/a.txt');
    const both = await Promise.allSettled(
      ['x', 'y'].map((content) => files.write('src/a.txt', Buffer.from(content), etag)),
    );
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await text('src/a.txt')).toBe('x');
  });

  it('are deleted when they are what was seen; a folder when it is empty', async () => {
    await expect(files.delete('src', '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(files.delete('src/a.txt', 'other')).rejects.toMatchObject({ code: 'CONFLICT' });
    await files.delete('src/a.txt', (await files.read('src/a.txt')).etag);
    await files.delete('src', '');
    expect((await files.list('')).entries).toEqual([]);
  });

  it('that are too large are named, and not read', async () => {
    await writeFile(join(project, 'big'), Buffer.alloc(LARGEST_FILE_BYTES + 1));
    expect(await files.read('big')).toMatchObject({ content: null, bytes: LARGEST_FILE_BYTES + 1 });
  });
});

describe('what is outside of the project', () => {
  it.each(['../secret', 'src/../../secret', '/etc/passwd', 'src//a.txt', './src', 'src/.', 'a\0b', '..'])(
    'is not named by %j',
    async (path) => {
      await expect(files.read(path)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(files.list(path)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(files.write(path, Buffer.from('x'), '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    },
  );

  it('is not reached by a link, to a file, to a folder or over several', async () => {
    await symlink(join(outside, 'secret'), join(project, 'file'));
    await symlink(outside, join(project, 'folder'));
    await symlink('folder', join(project, 'twice'));
    for (const path of ['file', 'folder/secret', 'twice/secret'])
      await expect(files.read(path)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(files.write('folder/new', Buffer.from('x'), '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(files.write('file', Buffer.from('x'), '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(files.write('file', Buffer.from('x'), 'e')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('not yours');
  });

  it('is not reached by a folder that becomes a link at any moment', async () => {
    const [real, link] = [join(project, 'src'), join(project, 'swap')];
    await symlink(outside, link);
    await writeFile(join(outside, 'a.txt'), 'not yours');
    let swapping = true;
    const swap = (async () => {
      for (let turn = 0; swapping; turn += 1) {
        await rename(real, join(project, 'aside')).catch(() => undefined);
        await rename(link, real).catch(() => undefined);
        await rename(real, link).catch(() => undefined);
        await rename(join(project, 'aside'), real).catch(() => undefined);
      }
    })();
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const read = await files.read('src/a.txt').catch(() => null);
      expect(read?.content?.toString() ?? 'one').toBe('one');
      await files.write(`src/made-${attempt}`, Buffer.from('x'), '').catch(() => undefined);
    }
    swapping = false;
    await swap;
    expect((await readdir(outside)).filter((name) => name.startsWith('made-'))).toEqual([]);
  });

  it('is never waited for: a pipe is no file', async () => {
    execFileSync('mkfifo', [join(project, 'pipe')]);
    await expect(files.read('pipe')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is not reached by any name at all', async () => {
    const part = fc.constantFrom('..', '.', '', 'src', 'a.txt', 'secret', '~', '%2e%2e', '..\\', 'con', '…');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        const read = await files.read(parts.join('/')).catch(() => null);
        expect(read?.content?.toString()).not.toBe('not yours');
      }),
      { seed: 42, numRuns: 300 },
    );
  });
});
