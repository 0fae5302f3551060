import { AileronError } from '@aileron/errors';
import type { ProjectRoot } from '../files/project-path.js';
import { StatusSignal } from '../status/status-signal.js';
import { WatchedFolders } from './watched-folders.js';

const MOST_WATCHERS = 16;
/** More in one batch are told as everything. */
const MOST_FOLDERS = 500;
/** Changes that come closer together are told together. */
const BATCH_MS = 150;
/** Where not all folders can be watched, what changes unseen is looked for this often. */
const UNSEEN_MS = 10_000;

export interface FilesChanged {
  readonly folders: readonly string[];
  /** More changed than is named. */
  readonly everything: boolean;
}

/** Tells in which folders of the project something changed. Folders are watched while somebody wants to know. */
export class ProjectWatch {
  readonly #subscribers = new Set<Subscriber>();
  #watched: { readonly folders: WatchedFolders; readonly started: Promise<void> } | null = null;

  constructor(private readonly root: ProjectRoot) {}

  /** First an empty one: from then on every change is told. RATE_LIMITED: too many want to know */
  async *watch(signal: AbortSignal): AsyncGenerator<FilesChanged, void> {
    if (this.#subscribers.size >= MOST_WATCHERS) throw new AileronError('RATE_LIMITED', { maxWatchers: MOST_WATCHERS });
    const subscriber = new Subscriber();
    this.#subscribers.add(subscriber);
    try {
      const { folders } = await this.#start();
      subscriber.take();
      yield { folders: [], everything: false };
      while (!signal.aborted) {
        await subscriber.next(folders.isComplete ? null : UNSEEN_MS, signal);
        if (signal.aborted) return;
        yield subscriber.take();
      }
    } finally {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#stop();
    }
  }

  async #start() {
    this.#watched ??= this.#begin();
    const watched = this.#watched;
    await watched.started;
    return watched;
  }

  #begin() {
    const folders = new WatchedFolders(this.root, (folder) => {
      for (const subscriber of this.#subscribers) subscriber.add(folder);
    });
    return { folders, started: folders.start() };
  }

  #stop(): void {
    this.#watched?.folders.close();
    this.#watched = null;
  }
}

/** What changed and was not told yet, to one who wants to know. */
class Subscriber {
  #folders = new Set<string>();
  #everything = false;
  readonly #news = new StatusSignal();
  #seen = 0;

  add(folder: string): void {
    if (this.#folders.size >= MOST_FOLDERS) this.#everything = true;
    else this.#folders.add(folder);
    this.#news.raise();
  }

  take(): FilesChanged {
    const everything = this.#everything;
    const folders = everything ? [] : [...this.#folders];
    this.#folders = new Set();
    this.#everything = false;
    this.#seen = this.#news.version;
    return { folders, everything };
  }

  /** Once there is something to tell, and what comes with it has come; after `unseenMs` everything may have changed. */
  async next(unseenMs: number | null, signal: AbortSignal): Promise<void> {
    do await this.#news.changed(this.#seen, unseenMs ?? UNSEEN_MS, signal);
    while (unseenMs === null && this.#news.version === this.#seen && !signal.aborted);
    if (this.#news.version === this.#seen) this.#everything = true;
    else await new StatusSignal().changed(0, BATCH_MS, signal);
  }
}
