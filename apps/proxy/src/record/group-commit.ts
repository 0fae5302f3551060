/** What a log is written to: one file at a time, always at its end. Lines come with their line feeds. */
export interface LogTarget {
  append(lines: readonly Uint8Array[]): Promise<void>;
  /** Appends at once, without a turn through another thread. False, and nothing is written, when it might take long. */
  appendNow?(lines: readonly Uint8Array[]): boolean;
  datasync(): Promise<void>;
  /** Closes the present file, synced, and goes on in another. */
  rotate(path: string): Promise<void>;
}

interface Entry {
  /** With its line feed. */
  readonly line: Uint8Array;
  /** Set on the first line of a new file. */
  readonly newFile: string | null;
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One writev holds at most this many lines. */
const MAX_BATCH_LINES = 512;

/**
 * Writes lines in the order they come, many at a time, and syncs for many at a time. A line that must be durable
 * resolves after an fdatasync that began after its write; any other after its write. The first error ends it: every
 * line that waits, and every later one, is rejected with that error.
 */
export class GroupCommit {
  readonly #target: LogTarget;
  #queue: Entry[] = [];
  #waiting: Entry[] = [];
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failure: { readonly cause: unknown } | null = null;

  constructor(target: LogTarget) {
    this.#target = target;
  }

  /** Resolves when the line is as safe as asked for; undefined when it is so already. */
  write(input: { line: Uint8Array; durable: boolean; newFile?: string | null }): Promise<void> | undefined {
    const { line, durable, newFile = null } = input;
    if (this.#failure === null && !durable && newFile === null && this.#writesNow(line)) return undefined;
    // It may have failed just now.
    if (this.#failure !== null) return Promise.reject(this.#failure.cause as Error);
    return new Promise((resolve, reject) => {
      this.#queue.push({ line, durable, newFile, resolve, reject });
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = null;
      });
    });
  }

  /** After everything that was given is on disk, or failed. */
  async idle(): Promise<void> {
    while (this.#writing !== null || this.#syncing !== null) {
      await this.#writing;
      await this.#syncing;
    }
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  /** A line that follows no other that waits, on a target that takes it at once. */
  #writesNow(line: Uint8Array): boolean {
    if (this.#writing !== null || this.#queue.length > 0) return false;
    try {
      return this.#target.appendNow?.([line]) ?? false;
    } catch (error) {
      this.#fail(error, []);
      return false;
    }
  }

  async #writeAll(): Promise<void> {
    // The lines of one turn of the event loop go together.
    await Promise.resolve();
    while (this.#queue.length > 0 && this.#failure === null) {
      const batch = this.#takeBatch();
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        this.#fail(error, batch);
      }
    }
  }

  async #writeBatch(batch: readonly Entry[]): Promise<void> {
    const newFile = batch[0]?.newFile ?? null;
    if (newFile !== null) {
      await this.#syncing;
      if (this.#failure !== null) throw this.#failure.cause as Error;
      await this.#target.rotate(newFile);
    }
    const lines = batch.map(({ line }) => line);
    if (this.#target.appendNow?.(lines) !== true) await this.#target.append(lines);
    for (const entry of batch) {
      if (entry.durable) this.#waiting.push(entry);
      else entry.resolve();
    }
    if (this.#waiting.length === 0) return;
    this.#syncing ??= this.#syncAll().finally(() => {
      this.#syncing = null;
    });
  }

  /** A line that begins a file begins a batch. */
  #takeBatch(): Entry[] {
    const next = this.#queue.findIndex(({ newFile }, index) => index > 0 && newFile !== null);
    const limit = Math.min(MAX_BATCH_LINES, next < 0 ? this.#queue.length : next);
    return this.#queue.splice(0, limit);
  }

  async #syncAll(): Promise<void> {
    while (this.#waiting.length > 0 && this.#failure === null) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#target.datasync();
        for (const entry of batch) entry.resolve();
      } catch (error) {
        this.#fail(error, batch);
      }
    }
  }

  #fail(cause: unknown, batch: readonly Entry[]): void {
    this.#failure ??= { cause };
    for (const entry of [...batch, ...this.#waiting, ...this.#queue]) entry.reject(this.#failure.cause);
    this.#waiting = [];
    this.#queue = [];
  }
}
