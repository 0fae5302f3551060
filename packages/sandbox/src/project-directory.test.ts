import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { vetProjectDirectory } from './project-directory.js';

describe('the project directory', () => {
  let root = '';
  let home = '';
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'aileron-project-')));
    home = join(root, 'code', '.aileron');
    await mkdir(join(home, 'run'), { recursive: true });
    await mkdir(join(root, 'code-2'));
  });

  it('takes a folder of a project, without links', async () => {
    await symlink(join(root, 'code-2'), join(root, 'link'));
    expect(await vetProjectDirectory(join(root, 'link'), [home])).toBe(join(root, 'code-2'));
  });

  it.each([
    ['holds the vault', () => join(root, 'code')],
    ['is the home of Aileron', () => home],
    ['lies in it', () => join(home, 'run')],
    ['reaches it by a link', () => join(root, 'sly')],
    ['is the root', () => '/'],
    ['is the user’s home', () => homedir()],
    ['holds the user’s home', () => dirname(homedir())],
    ['is a folder of the system', () => '/etc'],
    ['lies in one', () => '/etc/ssl'],
    ['is shared by many', () => '/tmp'],
    ['is a file', () => join(root, 'file')],
    ['is not there', () => join(root, 'nothing')],
  ])('refuses one that %s', async (_name, path) => {
    await symlink(join(root, 'code'), join(root, 'sly')).catch(() => undefined);
    await writeFile(join(root, 'file'), '');
    await expect(vetProjectDirectory(path(), [home])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
