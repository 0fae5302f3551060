import { constants, writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type LogTarget } from './group-commit.js';

/** Appends only, creates, never follows a link. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** A write that took this long waited for a disk, not for its turn on a busy machine: the event loop does not wait again for a while. */
const SLOW_MS = 10;
const STAY_AWAY_MS = 250;

/** Files of a stream, mode 0600. */
export class FileTarget implements LogTarget {
  #handle: FileHandle;
  #slowUntil = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** `keepBytes` cuts what a crash left behind a whole line. */
  static async open(path: string, keepBytes: number): Promise<FileTarget> {
    const handle = await open(path, FLAGS, 0o600);
    if ((await handle.stat()).size > keepBytes) {
      await handle.truncate(keepBytes);
      await handle.datasync();
    }
    await syncDirectory(path);
    return new FileTarget(handle);
  }

  /** A write that only fills the page cache takes 2 µs, a turn through another thread ten times that. */
  appendNow(lines: readonly Uint8Array[]): boolean {
    const startedAt = performance.now();
    if (startedAt < this.#slowUntil) return false;
    const bytes = lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines);
    const written = writeSync(this.#handle.fd, bytes);
    const endedAt = performance.now();
    // The disk is behind, and the kernel lets writers wait: they wait elsewhere now.
    if (endedAt - startedAt > SLOW_MS) this.#slowUntil = endedAt + STAY_AWAY_MS;
    if (written !== bytes.length) throw new Error(`wrote ${written} of ${bytes.length} bytes`);
    return true;
  }

  async append(lines: readonly Uint8Array[]): Promise<void> {
    const total = lines.reduce((sum, line) => sum + line.length, 0);
    const { bytesWritten } = await this.#handle.writev(lines);
    if (bytesWritten !== total) throw new Error(`wrote ${bytesWritten} of ${total} bytes`);
  }

  async datasync(): Promise<void> {
    await this.#handle.datasync();
  }

  async rotate(path: string): Promise<void> {
    await this.#handle.datasync();
    const next = await open(path, FLAGS | constants.O_EXCL, 0o600);
    await syncDirectory(path);
    await this.#handle.close();
    this.#handle = next;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The name of a new file must survive a power cut as well as its bytes. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
}
