import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Others that remove the same put what they find to the top, where we have looked already. */
const MOST_WALKS = 10;

/**
 * Removes a folder whatever an agent made of it: unreadable folders, names that are no text, links (which are removed and
 * never followed), and paths longer than the kernel takes. Nothing may run in it any more. A folder that is gone is no failure,
 * nor is another process that removes the same: a manager that lost its work may be at it still.
 */
export async function removeTree(root: string, signal: AbortSignal): Promise<void> {
  for (let walk = 1; await isFolder(Buffer.from(root)); walk += 1) {
    try {
      await removeOnce(root, signal);
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY' || walk === MOST_WALKS) throw error;
    }
  }
}

async function removeOnce(root: string, signal: AbortSignal): Promise<void> {
  // Each folder is moved to the top before it is looked into: so no path grows with the depth of the tree.
  const waiting = [Buffer.from(root)];
  const emptied: Buffer[] = [];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal.throwIfAborted();
    emptied.push(folder);
    await unlessGone(chmod(folder, 0o700));
    for (const name of (await unlessGone(readdir(folder, { encoding: 'buffer' }))) ?? []) {
      const path = Buffer.concat([folder, Buffer.from('/'), name]);
      if (!(await isFolder(path))) {
        await unlessGone(unlink(path));
        continue;
      }
      // A name that nobody in there could have taken before.
      const place = folder.equals(Buffer.from(root)) ? path : Buffer.from(join(root, randomUUID()));
      if (place !== path) {
        await unlessGone(chmod(path, 0o700));
        await unlessGone(rename(path, place));
      }
      waiting.push(place);
    }
  }
  for (const folder of emptied.toReversed()) await unlessGone(rmdir(folder));
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return undefined;
  }
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

const isFolder = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
