import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeTree } from './remove-tree.js';

describe('removing a folder', () => {
  const signal = AbortSignal.timeout(60_000);
  let place = '';
  let tree = '';

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'aileron-remove-'));
    tree = join(place, 'tree');
    await mkdir(tree);
    await writeFile(join(place, 'canary'), 'alive');
  });
  afterEach(() => rm(place, { recursive: true, force: true }));

  it('takes unreadable folders, names that are no text, and links without following them', async () => {
    await mkdir(join(tree, 'a/b/c'), { recursive: true });
    await writeFile(join(tree, 'a/b/c/file'), '');
    await writeFile(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0x62, 0xff, 0x0a])]), '');
    await symlink(place, join(tree, 'a/b/up'));
    await symlink(join(place, 'canary'), join(tree, 'canary'));
    await symlink('nowhere', join(tree, 'broken'));
    for (const folder of ['a/b/c', 'a/b', 'a', '.']) await chmod(join(tree, folder), 0);
    await removeTree(tree, signal);
    expect(await readdir(place)).toEqual(['canary']);
    expect(await readFile(join(place, 'canary'), 'utf8')).toBe('alive');
  });

  it('goes on where it was cut short', async () => {
    await mkdir(join(tree, 'one/two/three/four'), { recursive: true });
    await mkdir(join(tree, 'one/tree/three/four'), { recursive: true });
    await expect(removeTree(tree, AbortSignal.abort())).rejects.toThrow();
    await removeTree(tree, signal);
    expect(await readdir(place)).toEqual(['canary']);
  });

  it('does it beside others that remove the same', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      for (const way of ['a/b/c/d', 'a/x/y', 'e/f/g', 'h']) {
        await mkdir(join(tree, way), { recursive: true });
        for (const name of ['one', 'two', 'three']) await writeFile(join(tree, way, name), '');
      }
      await Promise.all(Array.from({ length: 3 }, () => removeTree(tree, signal)));
      expect(await readdir(place)).toEqual(['canary']);
    }
  });

  it('removes a link in the place of the folder never', async () => {
    await symlink(place, join(place, 'link'));
    await removeTree(join(place, 'link'), signal);
    await removeTree(join(place, 'missing'), signal);
    expect((await readdir(place)).toSorted()).toEqual(['canary', 'link', 'tree']);
  });
});
