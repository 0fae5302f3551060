import { mkdir } from 'node:fs/promises';
import { findAgent, type InstalledAgent } from '@aileron/agents';
import { AileronError } from '@aileron/errors';
import { selfTest } from '@aileron/sandbox';
import { untilListens } from '../docker/part-sockets.js';
import type { LaunchProgress, WorkspaceEndpoints, WorkspaceLaunch } from '../provisioner.port.js';
import { isRunning } from './host-process.js';
import { writeRecord, type LaunchRecord } from './launch-record.js';
import { DEFAULT_DEADLINES, type LocalProvisionerOptions } from './local-provisioner.options.js';
import { partEnded, startPart } from './part-process.js';
import { PARTS, type LaunchFolder, type PartName, type WorkspaceFolder } from './workspace-folder.js';
import { prepareLaunch, writeParts } from './write-launch.js';

/** What a launch tells of, in order. */
export const LOCAL_LAUNCH_STEPS = ['agents', 'sandbox', 'runtime', 'terminal'] as const;

export interface LaunchPlace {
  readonly workspace: WorkspaceFolder;
  readonly folder: LaunchFolder;
  readonly options: LocalProvisionerOptions;
}

/** Makes the folder of a launch and starts its parts. What it made stays when it fails: the caller ends and removes it. */
export async function startLaunch(
  { workspace, folder, options }: LaunchPlace,
  launch: WorkspaceLaunch,
  { progress, signal }: { readonly progress: LaunchProgress; readonly signal: AbortSignal },
): Promise<WorkspaceEndpoints> {
  const step = async <T>(name: (typeof LOCAL_LAUNCH_STEPS)[number], work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    progress.step({ name, status: 'running' });
    const result = await work();
    progress.step({ name, status: 'done' });
    return result;
  };
  await mkdir(folder.path, { mode: 0o700 });
  const agents = await step('agents', () => installAgents(launch.agents, { options, progress, signal }));
  let record = emptyRecord(launch, options);
  await step('sandbox', async () => {
    const prepared = await prepareLaunch(workspace, folder, { launch, agents, options });
    record = { ...record, cgroups: [...prepared.cgroups] };
    await writeRecord(folder, record);
    await selfTest(prepared.plan, { signal });
    await writeParts(workspace, folder, { ...prepared, agents, options });
  });
  for (const part of PARTS) {
    record = { ...record, [part]: await startPart(folder, part, programOf(part, options)) };
    await writeRecord(folder, record);
  }
  for (const part of PARTS) await step(part, () => untilPartListens({ folder, options }, record, { part, signal }));
  return folder.endpoints;
}

export const programOf = (part: PartName, options: LocalProvisionerOptions) => ({
  nodePath: options.nodePath,
  main: part === 'runtime' ? options.runtimeMain : options.terminalMain,
});

/** @throws AileronError LAUNCH_FAILED when the part ends or does not listen in time */
export async function untilPartListens(
  { folder, options }: Pick<LaunchPlace, 'folder' | 'options'>,
  record: LaunchRecord,
  { part, signal }: { readonly part: PartName; readonly signal: AbortSignal },
): Promise<void> {
  const bound = AbortSignal.timeout(options.deadlines?.listenMs ?? DEFAULT_DEADLINES.listenMs);
  const check = async (): Promise<void> => {
    const started = record[part];
    if (started === null || !isRunning(started)) throw await partEnded(folder, part);
  };
  try {
    await untilListens(folder.file(`${part}.sock`), { check, signal: AbortSignal.any([signal, bound]) });
  } catch (cause) {
    if (AileronError.is(cause) || signal.aborted) throw cause;
    throw new AileronError('LAUNCH_FAILED', { part, reason: `The ${part} does not listen.` }, { cause });
  }
}

function installAgents(
  kinds: readonly string[],
  input: { options: LocalProvisionerOptions; progress: LaunchProgress; signal: AbortSignal },
): Promise<InstalledAgent[]> {
  const { options, progress, signal } = input;
  const line = (text: string): void => progress.line(text);
  const install =
    options.installAgent ??
    ((kind: string) => findAgent(kind).install({ directory: options.agentsDirectory, signal, onProgress: line }));
  return Promise.all([...new Set(kinds)].map((kind) => install(kind, signal, line)));
}

const emptyRecord = ({ workspaceId, launch }: WorkspaceLaunch, { clock }: LocalProvisionerOptions): LaunchRecord => ({
  version: 1,
  workspaceId,
  launch,
  runtime: null,
  terminal: null,
  cgroups: [],
  createdAt: clock.now(),
});
