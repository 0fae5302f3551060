import { constants, type Dirent } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AileronError } from '@aileron/errors';

const LONGEST_PATH = 4_096;

/**
 * The folder that a workspace's project is in. A path is relative, with `/`, without `.` and `..`. Links are followed only
 * while they stay inside. The agent can put a link anywhere at any moment, so what counts is what was opened: its place is
 * read from /proc/self/fd (proc(5)), and names are then taken below that very folder.
 */
export class ProjectRoot {
  private constructor(
    /** Real, without links. */
    readonly path: string,
  ) {}

  static async open(directory: string): Promise<ProjectRoot> {
    return new ProjectRoot(await realpath(directory));
  }

  /** A regular file, for reading; a device or a pipe is refused. @throws AileronError INVALID_ARGUMENT, NOT_FOUND */
  async openFile(path: string): Promise<FileHandle> {
    const handle = await this.#open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw invalid('is not a file');
  }

  async openFolder(path: string): Promise<ProjectFolder> {
    return new ProjectFolder(await this.#open(path, constants.O_RDONLY | constants.O_DIRECTORY));
  }

  /** The folder of a file that is or will be there, and the file's name in it. */
  async openPlace(path: string): Promise<{ folder: ProjectFolder; name: string }> {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) throw invalid('must name a file');
    return { folder: await this.openFolder(parts.join('/')), name };
  }

  async #open(path: string, flags: number): Promise<FileHandle> {
    const handle = await open(join(this.path, ...partsOf(path)), flags).catch((error: unknown) => {
      throw openFailure(error, path);
    });
    const real = await readlink(`/proc/self/fd/${handle.fd}`);
    if (real === this.path || real.startsWith(this.path + sep)) return handle;
    await handle.close();
    throw invalid('leads out of the project');
  }
}

/** A folder that was opened: it stays this one whatever happens to its name. */
export class ProjectFolder implements AsyncDisposable {
  constructor(private readonly handle: FileHandle) {}

  /** Where an entry of it is reached; the entry itself is not followed by what only looks. */
  at(name: string): string {
    return `/proc/self/fd/${this.handle.fd}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}

function partsOf(path: string): string[] {
  if (path === '') return [];
  if (Buffer.byteLength(path) > LONGEST_PATH) throw invalid(`is longer than ${LONGEST_PATH} bytes`);
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw invalid('must be a path inside the project, without . and ..');
  return parts;
}

export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

export function kindOf(entry: Dirent): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

export const invalid = (message: string): AileronError =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'path', message }] });

function openFailure(error: unknown, path: string): AileronError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return new AileronError('NOT_FOUND', { path }, { cause: error });
  if (code === 'ENOTDIR') return invalid('is not a folder');
  if (code === 'ELOOP' || code === 'ENXIO') return invalid('is not a file');
  if (code === 'EACCES') return new AileronError('PERMISSION_DENIED', { path }, { cause: error });
  return new AileronError('INTERNAL', {}, { cause: error });
}
