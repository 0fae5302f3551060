import { setTimeout as pause } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { endCgroups, findCgroups } from '@aileron/sandbox';
import { cgroupNameOf } from './cgroup-name.js';
import { isRunning, namedInCommandLine, signalTo, withDescendants, type HostProcess } from './host-process.js';
import { readRecord } from './launch-record.js';
import type { LocalDeadlines } from './local-provisioner.options.js';
import { listenArgument } from './part-process.js';
import { PARTS, type LaunchFolder, type PartName } from './workspace-folder.js';

const LOOK_EVERY_MS = 25;

export interface EndOptions {
  /** Without asking first. */
  readonly force: boolean;
  readonly deadlines: Pick<LocalDeadlines, 'stopMs' | 'killMs'>;
}

/** The processes of a part, by the record and, should a manager have ended before it wrote one, by what they listen on. */
export function processesOf(folder: LaunchFolder, part: PartName, recorded: HostProcess | null): HostProcess[] {
  const named = namedInCommandLine(listenArgument(folder, part));
  const running = recorded !== null && isRunning(recorded) ? [recorded] : [];
  return [...running, ...named.filter(({ pid }) => running[0]?.pid !== pid)];
}

/** Ends parts, and all that they started. @throws AileronError DEADLINE_EXCEEDED when the kernel does not let go of them */
export async function endProcesses(roots: readonly HostProcess[], options: EndOptions): Promise<void> {
  const before = withDescendants(roots);
  if (!options.force) {
    for (const root of roots) signalTo(root, 'SIGTERM');
    await untilGone(() => roots, options.deadlines.stopMs);
  }
  // A part's own may have become more since, and may hang together no longer once it is gone.
  const rest = (): HostProcess[] => withDescendants([...before, ...roots]);
  await killAll(rest, options.deadlines.killMs);
}

/** Ends everything of a launch, what agents left behind too. */
export async function endLaunch(folder: LaunchFolder, options: EndOptions): Promise<void> {
  const record = await readRecord(folder);
  const roots = PARTS.flatMap((part) => processesOf(folder, part, record?.[part] ?? null));
  await endProcesses(roots, options);
  // Whatever entered the sandbox names its plan; the end of that process is the end of its namespace.
  const entered = (): HostProcess[] => withDescendants(namedInCommandLine(folder.file('plan.json')));
  await killAll(entered, options.deadlines.killMs);
  await endCgroups([...new Set([...(record?.cgroups ?? []), ...(await unrecordedCgroups(folder))])]);
}

const unrecordedCgroups = (folder: LaunchFolder): Promise<string[]> => cgroupNameOf(folder).then(findCgroups, () => []);

async function killAll(alive: () => HostProcess[], killMs: number): Promise<void> {
  for (const each of alive()) signalTo(each, 'SIGKILL');
  const gone = await untilGone(() => {
    const rest = alive();
    for (const each of rest) signalTo(each, 'SIGKILL');
    return rest;
  }, killMs);
  if (!gone) throw new AileronError('DEADLINE_EXCEEDED', { reason: 'Processes of the workspace do not end.' });
}

async function untilGone(processes: () => readonly HostProcess[], withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (;;) {
    if (!processes().some(isRunning)) return true;
    if (performance.now() > until) return false;
    await pause(LOOK_EVERY_MS);
  }
}
