import { type FSWatcher, watch } from 'node:fs';
import { opendir } from 'node:fs/promises';
import type { ProjectRoot } from '../files/project-path.js';

/** One watch of the kernel each: a machine has some ten thousands for all its users. */
const MOST_FOLDERS = 4_000;
const MOST_ENTRIES = 20_000;
const DEEPEST = 64;
/** Large, made by tools, and looked at by nobody: not watched below. */
const NOT_WATCHED = new Set(['node_modules', '.venv', '__pycache__']);
/** Of a repository, only what says that its state changed: the folder itself and where its branches are. */
const OF_GIT = /(?:^|\/)\.git\/(?!refs(?:$|\/heads$))/;

/** How inotify(7) names the folder itself, seen from where it is opened. */
const ITSELF = '.';

/** Watches the folders of a project (inotify(7), one by one), without following links. */
export class WatchedFolders {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #looking = new Map<string, 'once' | 'again'>();
  #closed = false;
  #complete = true;

  constructor(
    private readonly root: ProjectRoot,
    private readonly onChange: (folder: string) => void,
  ) {}

  /** False: there are more folders than are watched. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /** Watches this folder and what is below. What changes after it resolves is told. */
  async start(): Promise<void> {
    await this.#enter('', 0);
  }

  close(): void {
    this.#closed = true;
    this.#leave('');
  }

  async #enter(path: string, depth: number): Promise<void> {
    if (this.#closed || this.#watchers.has(path)) return;
    if (this.#watchers.size >= MOST_FOLDERS || depth > DEEPEST) {
      this.#complete = false;
      return;
    }
    if (await this.#watch(path)) await this.#look(path, depth);
  }

  /** The watch comes before the look: what is made in between is seen by one of them. */
  async #watch(path: string): Promise<boolean> {
    try {
      await using folder = await this.root.openFolder(path);
      if (this.#closed || this.#watchers.has(path)) return false;
      const watcher = watch(folder.at(ITSELF), { persistent: false }, (kind, name) => this.#onEvent(path, kind, name));
      watcher.on('error', () => this.#leave(path));
      this.#watchers.set(path, watcher);
      return true;
    } catch (error) {
      // Gone in between, or a link by now; or the kernel has no watch left.
      if (isExhausted(error)) this.#complete = false;
      return false;
    }
  }

  #onEvent(path: string, kind: 'rename' | 'change', name: string | null): void {
    if (this.#closed) return;
    if (kind === 'rename' && (name === null || name === ITSELF) && path !== '') {
      this.#leave(path);
      return this.#onEvent(parentOf(path), 'rename', path);
    }
    this.onChange(path);
    if (kind === 'rename') void this.#lookAgain(path);
  }

  /** One look at a time, and another when something happened during it. */
  async #lookAgain(path: string): Promise<void> {
    const looking = this.#looking.has(path);
    this.#looking.set(path, looking ? 'again' : 'once');
    if (looking) return;
    do {
      this.#looking.set(path, 'once');
      await this.#look(path, depthOf(path));
    } while (this.#looking.get(path) === 'again' && !this.#closed);
    this.#looking.delete(path);
  }

  /** Enters folders that are new, and leaves those that are gone. */
  async #look(path: string, depth: number): Promise<void> {
    const folders = await this.#foldersIn(path);
    if (folders === null) return;
    for (const known of this.#watchers.keys()) {
      if (known !== '' && parentOf(known) === path && !folders.has(known)) this.#leave(known);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      await this.#enter(folder, depth + 1);
      // What was made in it before it was watched is told with it.
      this.onChange(folder);
    }
  }

  async #foldersIn(path: string): Promise<Set<string> | null> {
    try {
      await using folder = await this.root.openFolder(path);
      const found = new Set<string>();
      let entries = 0;
      for await (const entry of await opendir(folder.at('.'))) {
        entries += 1;
        if (entries > MOST_ENTRIES) {
          this.#complete = false;
          break;
        }
        const child = path === '' ? entry.name : `${path}/${entry.name}`;
        if (entry.isDirectory() && !NOT_WATCHED.has(entry.name) && !OF_GIT.test(child)) found.add(child);
      }
      return found;
    } catch {
      return null;
    }
  }

  #leave(path: string): void {
    for (const [known, watcher] of this.#watchers) {
      if (path !== '' && known !== path && !known.startsWith(`${path}/`)) continue;
      this.#watchers.delete(known);
      watcher.close();
    }
  }
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const depthOf = (path: string): number => (path === '' ? 0 : path.split('/').length);

const isExhausted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EMFILE');
