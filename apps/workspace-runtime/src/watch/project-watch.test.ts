import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProjectRoot } from '../files/project-path.js';
import { type FilesChanged, ProjectWatch } from './project-watch.js';

jest.setTimeout(240_000);

let folder: string;
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-'));
  await mkdir(join(folder, 'project', 'src'), { recursive: true });
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true, force: true });
});

const inProject = (path: string): string => join(folder, 'project', path);

/** Watches, and waits until these folders were told. */
async function watching() {
  const watch = new ProjectWatch(await ProjectRoot.open(join(folder, 'project')));
  const changes = watch.watch(stop.signal);
  expect((await changes.next()).value).toEqual({ folders: [], everything: false });
  const seen: FilesChanged[] = [];
  const until = async (isSeen: (folders: string[]) => boolean): Promise<void> => {
    const timer = setTimeout(() => stop.abort(), 120_000);
    while (!isSeen(seen.flatMap(({ folders }) => [...folders]))) {
      const { value, done } = await changes.next();
      if (done === true) throw new Error(`it was not told; so far: ${JSON.stringify(seen)}`);
      seen.push(value);
    }
    clearTimeout(timer);
  };
  return { until, seen };
}

describe('watching a project', () => {
  it('tells the folder of a file that is made, changed or removed', async () => {
    const { until, seen } = await watching();
    await writeFile(inProject('src/a.txt'), 'one');
    await until((folders) => folders.includes('src'));
    seen.length = 0;
    await writeFile(inProject('src/a.txt'), 'two');
    await until((folders) => folders.includes('src'));
    seen.length = 0;
    await rm(inProject('src/a.txt'));
    await until((folders) => folders.includes('src'));
  });

  it('tells of folders that are made meanwhile, at any depth, and of what was made in them at once', async () => {
    const { until, seen } = await watching();
    await mkdir(inProject('a/b/c/d'), { recursive: true });
    await writeFile(inProject('a/b/c/d/deep.txt'), '');
    await until((folders) => folders.includes('a/b/c/d'));
    seen.length = 0;
    await writeFile(inProject('a/b/c/d/other.txt'), '');
    await until((folders) => folders.includes('a/b/c/d'));
  });

  it('goes on under the new name of a folder, and under the old one when it is made again', async () => {
    const { until, seen } = await watching();
    await rename(inProject('src'), inProject('lib'));
    await until((folders) => folders.includes('lib'));
    seen.length = 0;
    await writeFile(inProject('lib/a.txt'), '');
    await until((folders) => folders.includes('lib'));
    for (let times = 0; times < 5; times += 1) {
      await rm(inProject('lib'), { recursive: true });
      await mkdir(inProject('lib'));
    }
    await until((folders) => folders.includes(''));
    seen.length = 0;
    await writeFile(inProject('lib/b.txt'), '');
    await until((folders) => folders.includes('lib'));
  });

  it('does not follow a link out of the project, nor one that takes the place of a folder', async () => {
    const outside = join(folder, 'outside');
    await mkdir(outside);
    await symlink(outside, inProject('link'));
    const { until, seen } = await watching();
    await rm(inProject('src'), { recursive: true });
    await symlink(outside, inProject('src'));
    await until((folders) => folders.includes(''));
    await writeFile(join(outside, 'secret.txt'), '');
    await writeFile(inProject('last.txt'), '');
    seen.length = 0;
    await writeFile(inProject('last.txt'), 'again');
    await until((folders) => folders.includes(''));
    expect(seen.flatMap(({ folders }) => folders).filter((each) => each !== '')).toEqual([]);
  });

  it('says that everything changed when too much did, and ignores what tools put there', async () => {
    await Promise.all(Array.from({ length: 700 }, (_, each) => mkdir(inProject(`many/${each}`), { recursive: true })));
    await mkdir(inProject('node_modules/x'), { recursive: true });
    const { until, seen } = await watching();
    await writeFile(inProject('node_modules/x/index.js'), '');
    await Promise.all(Array.from({ length: 700 }, (_, each) => writeFile(inProject(`many/${each}/file`), '')));
    await until(() => seen.some(({ everything }) => everything));
    expect(seen.flatMap(({ folders }) => folders).filter((each) => each.startsWith('node_modules'))).toEqual([]);
  });

  it('never misses the last change', async () => {
    const { until, seen } = await watching();
    for (let round = 0; round < 12; round += 1) {
      seen.length = 0;
      await writeFile(inProject(`src/file-${round % 3}`), `${round}`);
      await until((folders) => folders.includes('src'));
    }
  });
});
