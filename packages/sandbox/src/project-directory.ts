import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, relative, sep } from 'node:path';
import { AileronError } from '@aileron/errors';

/** Of the host itself, with all below: a project there would hand the machine to the agent. */
const SYSTEM_TREES = ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/sbin', '/sys'];
/** Folders that hold what belongs to many; a project may be one of the folders in them. */
const SHARED_DIRECTORIES =
  '/home /media /mnt /opt /root /run /srv /tmp /usr /usr/local /usr/src /var /var/lib /var/tmp'.split(' ');

/**
 * The project as a path without links, refused where mounting it writable would reach more than a project: the root, the
 * user's home or what holds it, a system folder, or anything that holds or lies in a protected folder.
 */
export async function vetProjectDirectory(path: string, protectedDirectories: readonly string[]): Promise<string> {
  const project = await resolveDirectory(path);
  const home = await realpath(homedir());
  if (holds(project, home)) throw refused(path, 'it holds your home folder; choose a folder of the project');
  if (SYSTEM_TREES.some((tree) => holds(tree, project)) || SHARED_DIRECTORIES.includes(project)) {
    throw refused(path, 'it is a folder of the system; choose a folder of the project');
  }
  for (const directory of protectedDirectories) {
    const guarded = await realpath(directory);
    if (holds(project, guarded)) throw refused(path, `it holds ${directory}, where vaults and keys are`);
    if (holds(guarded, project)) throw refused(path, `it lies in ${directory}, where vaults and keys are`);
  }
  return project;
}

async function resolveDirectory(path: string): Promise<string> {
  try {
    const resolved = await realpath(path);
    if ((await stat(resolved)).isDirectory()) return resolved;
  } catch (cause) {
    throw refused(path, 'it cannot be read', cause);
  }
  throw refused(path, 'it is not a folder');
}

/** Whether `inner` is `outer` or below it. */
function holds(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path));
}

function refused(path: string, message: string, cause?: unknown): AileronError {
  const fields = [{ field: 'projectDirectory', message: `${path} cannot be the project: ${message}.` }];
  return new AileronError('INVALID_ARGUMENT', { fields }, { cause });
}
