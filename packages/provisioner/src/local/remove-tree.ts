import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes a folder whatever an agent made of it: unreadable folders, names that are no text, links (which are removed and
 * never followed), and paths longer than the kernel takes. Nothing may run in it any more. A folder that is gone is no failure.
 */
export async function removeTree(root: string, signal: AbortSignal): Promise<void> {
  if (!(await isFolder(Buffer.from(root)))) return;
  // Each folder is moved to the top before it is looked into: so no path grows with the depth of the tree.
  const waiting = [Buffer.from(root)];
  const emptied: Buffer[] = [];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal.throwIfAborted();
    emptied.push(folder);
    await chmod(folder, 0o700);
    for (const name of await readdir(folder, { encoding: 'buffer' })) {
      const path = Buffer.concat([folder, Buffer.from('/'), name]);
      if (!(await isFolder(path))) {
        await unlink(path);
        continue;
      }
      // A name that nobody in there could have taken before.
      const place = folder.equals(Buffer.from(root)) ? path : Buffer.from(join(root, randomUUID()));
      if (place !== path) {
        await chmod(path, 0o700);
        await rename(path, place);
      }
      waiting.push(place);
    }
  }
  for (const folder of emptied.toReversed()) await rmdir(folder);
}

const isFolder = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
