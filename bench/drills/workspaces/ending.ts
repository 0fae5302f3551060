import { pause } from '../drill-clock.ts';
import { isTheEngines, leftovers } from './leftovers.ts';
import { workspaceProcesses } from './process-scan.ts';
import type { ProjectFiles } from './project-files.ts';
import type { RestCalls } from './rest-calls.ts';
import type { StoredWorkspace, StoredWorkspaces } from './stored-workspaces.ts';
import type { Watcher } from './watcher.ts';
import type { WorkspacePlane } from './workspace-plane.ts';

/** With no fault any more, everything has settled by then, and a workspace has started by then. */
const SETTLED_MS = 300_000;
const STARTED_MS = 180_000;
const READ_MS = 60_000;
const DELETED_MS = 200_000;
const LOOK_MS = 500;

export interface EndingInput {
  readonly plane: WorkspacePlane;
  readonly stored: StoredWorkspaces;
  readonly watcher: Watcher;
  readonly calls: RestCalls;
  readonly files: ProjectFiles;
  readonly orphansWithinMs: number;
  /** The engine was killed at some time. */
  readonly engineFell: boolean;
  readonly note: (line: string) => void;
}

export interface Ending {
  /** Workspaces that were there when the operations ended. */
  readonly alive: number;
  readonly settledMs: number;
  readonly deletedMs: number;
  /** How long after the last deletion nothing was left; null: something is. */
  readonly cleanMs: number | null;
  readonly orphans: readonly string[];
  /** Processes that the engine left, see isTheEngines. */
  readonly ofEngine: number;
  readonly broken: readonly string[];
}

/** After the operations: everything settles, is what it says it is, starts again with its data, and goes away with all that it had. */
export async function end(input: EndingInput): Promise<Ending> {
  const { watcher, note } = input;
  const broken: string[] = [];
  note('waits until everything has settled');
  const settledMs = await within(SETTLED_MS, () => watcher.alive.every(({ state }) => state.operation === null));
  for (const { workspaceId, state } of watcher.alive) {
    if (state.operation !== null) broken.push(`${workspaceId}: ${state.operation.kind} goes on still`);
  }
  const alive = watcher.alive;
  broken.push(...stoppedButRunning(input, alive));
  note(`${alive.length} workspaces: ${alive.map(({ state }) => state.phase).join(', ')}`);
  const looked = await Promise.all(alive.map((each) => revive(input, each)));
  broken.push(...looked.flat());
  note('deletes all');
  const deletedMs = await deleteAll(input, broken);
  const { cleanMs, orphans } = await untilClean(input);
  const ofEngine = workspaceProcesses(input.plane.root).filter(isTheEngines).length;
  return { alive: alive.length, settledMs, deletedMs, cleanMs, orphans, ofEngine, broken };
}

function stoppedButRunning({ plane }: EndingInput, alive: readonly StoredWorkspace[]): string[] {
  const stopped = alive.filter(({ state }) => state.phase === 'stopped').map(({ workspaceId }) => workspaceId);
  return workspaceProcesses(plane.root)
    .filter(({ workspaceId }) => stopped.includes(workspaceId))
    .map(({ workspaceId, pid, command }) => `${workspaceId} is stopped, and ${pid} runs: ${command}`);
}

/** Every workspace can be started, whatever happened to it, and has its data. */
async function revive(input: EndingInput, { workspaceId, state }: StoredWorkspace): Promise<string[]> {
  const { plane, watcher, calls, files } = input;
  const url = plane.managers[0]?.url ?? '';
  if (state.phase !== 'running') {
    const started = await calls.call(url, 'start', (client) => client.startWorkspace({ params: { workspaceId } }));
    if (!started.ok) return [`${workspaceId}: ${state.phase}, and cannot be started: ${started.ended.code}`];
    await pause(LOOK_MS);
    await within(STARTED_MS, () => watcher.find(workspaceId)?.state.operation == null);
    const now = watcher.find(workspaceId)?.state;
    if (now?.phase !== 'running')
      return [
        `${workspaceId}: was ${state.phase} (${state.reason}), does not start: ${now?.phase} ${now?.reason} ${now?.message}`,
      ];
  }
  const until = Date.now() + READ_MS;
  while (!(await files.turn(url, workspaceId))) {
    if (Date.now() > until) return [`${workspaceId}: runs, and its files cannot be read`];
    await pause(LOOK_MS);
  }
  return [];
}

async function deleteAll({ plane, watcher, calls }: EndingInput, broken: string[]): Promise<number> {
  const from = Date.now();
  await Promise.all(
    watcher.alive.map(async ({ workspaceId, state }, index) => {
      if (state.phase === 'deleting') return;
      const input = { params: { workspaceId }, query: { force: index % 3 === 0 } };
      const url = plane.managers[index % plane.managers.length]?.url ?? '';
      const deleted = await calls.call(url, 'delete', (client) => client.deleteWorkspace(input));
      if (!deleted.ok) broken.push(`${workspaceId}: cannot be deleted: ${deleted.ended.code}`);
    }),
  );
  await pause(LOOK_MS);
  await within(DELETED_MS, () => watcher.alive.length === 0);
  for (const { workspaceId, state } of watcher.alive) broken.push(`${workspaceId}: is there still, ${state.phase}`);
  return Date.now() - from;
}

async function untilClean(input: EndingInput): Promise<Pick<Ending, 'cleanMs' | 'orphans'>> {
  const { orphansWithinMs } = input;
  const from = Date.now();
  for (;;) {
    const look = leftovers(input.plane, input.stored, input.watcher.seen, input.engineFell);
    const orphans = await look.catch((error: unknown) => [`perhaps, for it cannot be seen: ${String(error)}`]);
    const ms = Date.now() - from;
    if (orphans.length === 0) return { cleanMs: ms, orphans };
    if (ms > orphansWithinMs) return { cleanMs: null, orphans };
    await pause(Math.min(2_000, Math.max(0, orphansWithinMs - ms) + 100));
  }
}

/** Waits for something, and not beyond. @returns how long it took */
async function within(ms: number, holds: () => boolean): Promise<number> {
  const from = Date.now();
  while (!holds() && Date.now() - from < ms) await pause(LOOK_MS);
  return Date.now() - from;
}
