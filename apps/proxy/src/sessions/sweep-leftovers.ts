import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeRuntimeDirectory } from './runtime-directory.js';

const FOLDER = /^[0-9a-f]{16}$/;

/** Removes the folders of sessions that ended while no proxy looked after them. */
export async function sweepLeftovers(socketRoot: string, isInUse: (directory: string) => boolean): Promise<void> {
  for (const name of (await readdir(socketRoot)).filter((entry) => FOLDER.test(entry))) {
    const path = join(socketRoot, name);
    if (!isInUse(path)) await removeRuntimeDirectory(path);
  }
}
