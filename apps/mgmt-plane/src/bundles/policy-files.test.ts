import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readPolicyFiles } from './policy-files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aileron-policy-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('readPolicyFiles', () => {
  it('reads the Cedar files by name, and nothing else', async () => {
    await writeFile(join(folder, 'b.cedar'), 'B');
    await writeFile(join(folder, 'a.cedar'), 'A');
    await writeFile(join(folder, 'a.cedar~'), 'draft');
    expect(await readPolicyFiles(folder)).toEqual([
      { id: 'home/a.cedar', layer: 'platform', cedar: 'A' },
      { id: 'home/b.cedar', layer: 'platform', cedar: 'B' },
    ]);
  });

  it('takes a folder that is not there as none', async () => {
    expect(await readPolicyFiles(join(folder, 'none'))).toEqual([]);
  });

  it.each([
    ['a file in place of the folder', () => writeFile(join(folder, 'policy'), '')],
    ['a folder in place of a file', () => mkdir(join(folder, 'policy/x.cedar'), { recursive: true })],
    [
      'bytes that are not UTF-8',
      async () => {
        await mkdir(join(folder, 'policy'));
        await writeFile(join(folder, 'policy/x.cedar'), new Uint8Array([0xff]));
      },
    ],
    [
      'a file that is too large',
      async () => {
        await mkdir(join(folder, 'policy'));
        await writeFile(join(folder, 'policy/x.cedar'), 'x'.repeat(262_145));
      },
    ],
  ])('refuses %s, never reading it as no policy', async (_, arrange) => {
    await arrange();
    await expect(readPolicyFiles(join(folder, 'policy'))).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  });
});
