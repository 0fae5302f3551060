import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lets everybody read what is in a folder and run its programs, whatever this process takes away from new files: users of a container are
 * others than those of the host. Who keeps it from the host's own users is a folder above it. Links stay as they are.
 */
export async function openToAll(path: string): Promise<void> {
  const status = await lstat(path);
  const wanted = status.isDirectory() || (status.mode & 0o100) !== 0 ? 0o755 : 0o644;
  // Somebody else's, who has opened it already, cannot be changed and need not be.
  if ((status.mode & wanted) !== wanted) await chmod(path, wanted);
  if (!status.isDirectory()) return;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory() || entry.isFile()) await openToAll(join(path, entry.name));
  }
}
