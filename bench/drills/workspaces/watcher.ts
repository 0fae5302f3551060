import { pause } from '../drill-clock.ts';
import type { StoredState, StoredWorkspace, StoredWorkspaces } from './stored-workspaces.ts';
import type { WorkspacePlane } from './workspace-plane.ts';

const LOOK_MS = 250;
/** A manager that was started has caught up by then. */
const CAUGHT_UP_MS = 5_000;

/** An operation, or something that was due, that went on beyond its deadline. */
export interface Late {
  readonly workspaceId: string;
  readonly what: string;
  overMs: number;
}

/** Looks at every workspace all the time, and notes what is late, how long operations take, and what failed. */
export class Watcher {
  readonly stuck = new Map<string, Late>();
  readonly late = new Map<string, Late>();
  /** Durations of operations that ended by themselves, by kind. */
  readonly took = new Map<string, number[]>();
  /** Reasons of workspaces that failed. */
  readonly failures = new Map<string, number>();
  readonly broken: string[] = [];
  /** Every workspace that ever was. */
  readonly seen = new Set<string>();
  /** How long after it was due the latest thing happened that was not excused. */
  worstLateMs = 0;
  #known = new Map<string, StoredWorkspace>();
  #readableSince: number | null = null;
  #ended = false;
  #running: Promise<void> = Promise.resolve();

  private readonly plane: Pick<WorkspacePlane, 'managers'>;
  private readonly stored: StoredWorkspaces;
  private readonly graceMs: number;

  constructor(plane: Pick<WorkspacePlane, 'managers'>, stored: StoredWorkspaces, graceMs: number) {
    this.plane = plane;
    this.stored = stored;
    this.graceMs = graceMs;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  /** As seen last; those that were removed and are to be swept yet, too. */
  get workspaces(): readonly StoredWorkspace[] {
    return [...this.#known.values()];
  }

  get alive(): readonly StoredWorkspace[] {
    return this.workspaces.filter(({ state }) => state.removed === null);
  }

  find(workspaceId: string): StoredWorkspace | undefined {
    return this.#known.get(workspaceId);
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      try {
        const rows = await this.stored.read();
        this.#readableSince ??= Date.now();
        this.#compare(rows);
      } catch (error) {
        if (this.#readableSince !== null && error instanceof TypeError) this.broken.push(String(error));
        this.#readableSince = null;
      }
      await pause(LOOK_MS);
    }
  }

  #compare(rows: readonly StoredWorkspace[]): void {
    const now = Date.now();
    for (const row of rows) {
      this.seen.add(row.workspaceId);
      this.#deadlines(row, now);
      const before = this.#known.get(row.workspaceId);
      if (before === undefined) continue;
      if (row.state.intent.generation < before.state.intent.generation)
        this.broken.push(`${row.workspaceId}: its generation went back`);
      this.#progress(before.state, row.state, now);
    }
    this.#known = new Map(rows.map((row) => [row.workspaceId, row]));
  }

  #progress(before: StoredState, after: StoredState, now: number): void {
    const { operation } = before;
    const ended = operation !== null && after.operation === null && after.operations === operation.number;
    if (ended) {
      const all = this.took.get(operation.kind) ?? [];
      all.push(now - operation.since);
      this.took.set(operation.kind, all);
    }
    if (after.phase === 'failed' && before.phase !== 'failed')
      this.failures.set(after.reason, (this.failures.get(after.reason) ?? 0) + 1);
  }

  #deadlines({ workspaceId, state, dueAt }: StoredWorkspace, now: number): void {
    const { operation } = state;
    if (operation !== null && now > operation.deadline + this.graceMs) {
      const what = `${operation.kind}, ${operation.stage.name}`;
      note(this.stuck, `${workspaceId}.${operation.number}`, { workspaceId, what, overMs: now - operation.deadline });
    }
    if (dueAt === null || !this.#isAble(now)) return;
    this.worstLateMs = Math.max(this.worstLateMs, now - dueAt);
    if (now <= dueAt + this.graceMs) return;
    const what = operation === null ? `a condition in ${state.phase}` : `${operation.kind}, ${operation.stage.name}`;
    note(this.late, `${workspaceId}.${state.operations}`, { workspaceId, what, overMs: now - dueAt });
  }

  /** The database and a manager have been there for long enough that nothing may be late. */
  #isAble(now: number): boolean {
    const up = (since: number | null): boolean => since !== null && now - since > CAUGHT_UP_MS;
    return up(this.#readableSince) && this.plane.managers.some(({ servesSince }) => up(servesSince));
  }
}

function note(lates: Map<string, Late>, key: string, late: Late): void {
  const known = lates.get(key);
  if (known === undefined) lates.set(key, late);
  else known.overMs = Math.max(known.overMs, late.overMs);
}
