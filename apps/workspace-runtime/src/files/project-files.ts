import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, opendir, rename, rm, rmdir, lstat } from 'node:fs/promises';
import { AileronError } from '@aileron/errors';
import { type EntryKind, invalid, isThere, kindOf, type ProjectFolder, ProjectRoot } from './project-path.js';

/** What is shown and edited; larger files are named with their size. With what is said of it, it fits a message of 4 MiB. */
export const LARGEST_FILE_BYTES = (4 << 20) - (16 << 10);
const MOST_ENTRIES = 5_000;

export interface ListedFile {
  readonly name: string;
  readonly kind: EntryKind;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

export interface ReadFile {
  /** Null when it is too large to be shown. */
  readonly content: Buffer | null;
  readonly bytes: number;
  readonly etag: string;
}

/** The files of one project: read, edited with a check for conflicts, and nothing outside of it. */
export class ProjectFiles {
  /** One write after another: what was read is still there when it is replaced. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly root: ProjectRoot) {}

  /** A folder's entries, folders first, then by name; at most 5,000. */
  async list(path: string): Promise<{ entries: ListedFile[]; truncated: boolean }> {
    await using folder = await this.root.openFolder(path);
    const entries: ListedFile[] = [];
    let truncated = false;
    for await (const entry of await opendir(folder.at('.'))) {
      if (entries.length === MOST_ENTRIES) {
        truncated = true;
        break;
      }
      const status = await lstat(folder.at(entry.name)).catch(() => null);
      if (status === null) continue;
      entries.push({ name: entry.name, kind: kindOf(entry), bytes: status.size, modifiedAt: status.mtime });
    }
    return { entries: entries.toSorted(byKindAndName), truncated };
  }

  async read(path: string): Promise<ReadFile> {
    await using handle = await this.root.openFile(path);
    const { size } = await handle.stat();
    if (size > LARGEST_FILE_BYTES) return { content: null, bytes: size, etag: await etagOfLarge(handle) };
    const content = await readBounded(handle);
    return { content, bytes: content.length, etag: etagOf(content) };
  }

  /**
   * Replaces a file's content whole: readers see the old or the new. `etag` is that of the content that was edited, empty
   * for a file that is new. @throws AileronError CONFLICT when it is not that
   */
  write(path: string, content: Uint8Array, etag: string): Promise<{ etag: string }> {
    return this.#exclusively(async () => {
      const { folder, name } = await this.root.openPlace(path);
      await using _ = folder;
      const mode = await this.#assertUnchanged(path, folder.at(name), etag);
      await replace(folder, { name, content, mode });
      return { etag: etagOf(content) };
    });
  }

  /** A file that is still what was read, or an empty folder. */
  delete(path: string, etag: string): Promise<void> {
    return this.#exclusively(async () => {
      const { folder, name } = await this.root.openPlace(path);
      await using _ = folder;
      const place = folder.at(name);
      const status = await lstat(place).catch(() => null);
      if (status === null) throw new AileronError('NOT_FOUND', { path });
      if (status.isDirectory()) {
        // Awaited here: the folder that its name goes through is closed on return.
        return await rmdir(place).catch((cause: unknown) => {
          throw new AileronError('CONFLICT', { path, reason: 'the folder is not empty' }, { cause });
        });
      }
      if (status.isFile()) await this.#assertUnchanged(path, place, etag);
      await rm(place);
    });
  }

  /** The mode to keep; null for a new file. */
  async #assertUnchanged(path: string, place: string, etag: string): Promise<number | null> {
    if (!(await isThere(place))) {
      if (etag === '') return null;
      throw new AileronError('CONFLICT', { path, reason: 'the file is gone' });
    }
    if (etag === '') throw new AileronError('CONFLICT', { path, reason: 'there is a file of this name' });
    const { mode, isFile } = await lstat(place).then((status) => ({ mode: status.mode, isFile: status.isFile() }));
    if (!isFile) throw invalid('is not a file');
    const present = (await this.read(path)).etag;
    if (present !== etag) throw new AileronError('CONFLICT', { path, reason: 'the file was changed', etag: present });
    return mode & 0o777;
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work, work);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

const byKindAndName = (a: ListedFile, b: ListedFile): number =>
  Number(b.kind === 'directory') - Number(a.kind === 'directory') || (a.name < b.name ? -1 : 1);

const etagOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('base64url');

async function etagOfLarge(handle: FileHandle): Promise<string> {
  const { size, mtimeMs, ino } = await handle.stat();
  return createHash('sha256').update(`${size}:${mtimeMs}:${ino}`).digest('base64url');
}

/** It may have grown since its size was read: one byte more than is taken tells. */
async function readBounded(handle: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LARGEST_FILE_BYTES });
}

async function replace(
  folder: ProjectFolder,
  { name, content, mode }: { readonly name: string; readonly content: Uint8Array; readonly mode: number | null },
): Promise<void> {
  const draft = folder.at(`.aileron-${randomBytes(6).toString('hex')}`);
  try {
    await using handle = await open(draft, 'wx', mode ?? 0o664);
    await handle.writeFile(content);
    if (mode !== null) await handle.chmod(mode);
    await handle.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, folder.at(name));
}
