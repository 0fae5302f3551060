import { pause } from '../drill-clock.ts';
import type { RestCalls } from './rest-calls.ts';
import type { Watcher } from './watcher.ts';

const FILE = 'kept.txt';
/** So long a workspace that is about to be deleted may take to say so. */
const SETTLE_MS = 3_000;

interface Written {
  /** What was confirmed last; null: nothing. */
  confirmed: string | null;
  /** What was sent since, without anybody knowing whether it arrived. */
  possible: string[];
  /** How many operations the workspace had had when it was confirmed. */
  operations: number;
  busy: boolean;
}

/** A file in every workspace that is written and read again: data outlives whatever happens to what runs. */
export class ProjectFiles {
  readonly #written = new Map<string, Written>();
  readonly broken: string[] = [];
  /** Reads that found what had been written before the workspace was stopped, restarted or rebuilt. */
  kept = 0;
  saved = 0;
  #count = 0;

  private readonly calls: RestCalls;
  private readonly watcher: Watcher;

  constructor(calls: RestCalls, watcher: Watcher) {
    this.calls = calls;
    this.watcher = watcher;
  }

  /** Reads what is there, and writes something else. @returns whether it could be read */
  async turn(url: string, workspaceId: string): Promise<boolean> {
    const written = this.#of(workspaceId);
    if (written.busy) return false;
    written.busy = true;
    try {
      const etag = await this.#check(url, workspaceId, written);
      if (etag === undefined) return false;
      await this.#save({ url, workspaceId, written, etag });
      return true;
    } finally {
      written.busy = false;
    }
  }

  /** @returns undefined: it could not be read; null: there is none, and should be none */
  async #check(url: string, workspaceId: string, written: Written): Promise<string | null | undefined> {
    const params = { workspaceId };
    const listed = await this.calls.call(url, 'files', (client) => client.listFiles({ params }));
    if (!listed.ok) return undefined;
    const read = await this.calls.call(url, 'files', (client) => client.readFile({ params, query: { path: FILE } }));
    if (!read.ok && read.ended.code !== 'NOT_FOUND') return undefined;
    if (!read.ok && written.confirmed === null) return null;
    const text = read.ok ? read.value.text : null;
    const known = [written.confirmed, ...written.possible];
    if (!known.includes(text)) {
      // What is being deleted may have lost its files already.
      await pause(SETTLE_MS);
      const state = this.watcher.find(workspaceId)?.state;
      if (state !== undefined && state.intent.want !== 'deleted')
        this.broken.push(`${workspaceId}: ${JSON.stringify(text)} is there instead of ${JSON.stringify(known)}`);
      return undefined;
    }
    if (text !== null && this.#operationsOf(workspaceId) > written.operations) this.kept += 1;
    return read.ok ? read.value.etag : null;
  }

  async #save(input: { url: string; workspaceId: string; written: Written; etag: string | null }): Promise<void> {
    const { url, workspaceId, written, etag } = input;
    const text = `text ${++this.#count} of ${workspaceId}`;
    const operations = this.#operationsOf(workspaceId);
    const saved = await this.calls.call(url, 'files', (client) =>
      client.saveFile({ params: { workspaceId }, body: { path: FILE, text, etag } }),
    );
    if (!saved.ok) return void written.possible.push(text);
    Object.assign(written, { confirmed: text, possible: [], operations });
    this.saved += 1;
  }

  #of(workspaceId: string): Written {
    const known = this.#written.get(workspaceId);
    if (known !== undefined) return known;
    const written = { confirmed: null, possible: [], operations: 0, busy: false };
    this.#written.set(workspaceId, written);
    return written;
  }

  #operationsOf(workspaceId: string): number {
    return this.watcher.find(workspaceId)?.state.operations ?? 0;
  }
}
