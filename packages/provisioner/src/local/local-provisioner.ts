import { chmod, mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { FoundResource } from '@aileron/lifecycle';
import { checkBubblewrap } from '@aileron/sandbox';
import type {
  Inspection,
  LaunchProgress,
  WorkspaceEndpoints,
  WorkspaceLaunch,
  WorkspaceProvisioner,
} from '../provisioner.port.js';
import { endLaunch, endProcesses, processesOf, type EndOptions } from './end-launch.js';
import { isRunning } from './host-process.js';
import { readRecord, writeRecord, type LaunchRecord } from './launch-record.js';
import { findResources, REMOVING_FOLDER } from './list-resources.js';
import { LOCAL_LAUNCH_STEPS, programOf, startLaunch, untilPartListens } from './local-launch.js';
import { DEFAULT_DEADLINES, type LocalDeadlines, type LocalProvisionerOptions } from './local-provisioner.options.js';
import { readTail } from './part-log.js';
import { startPart } from './part-process.js';
import { removeTree } from './remove-tree.js';
import { Turns } from './turns.js';
import { renewToken } from './write-launch.js';
import { type LaunchFolder, PARTS, type PartName, WorkspaceFolder } from './workspace-folder.js';

/** Workspaces as processes of this machine: parts of the manager's own user, agents and shells in bubblewrap. */
export const createLocalProvisioner = (options: LocalProvisionerOptions): WorkspaceProvisioner =>
  new LocalProvisioner(options);

class LocalProvisioner implements WorkspaceProvisioner {
  readonly kind = 'local';
  readonly launchSteps = LOCAL_LAUNCH_STEPS;
  readonly #turns = new Turns();
  readonly #deadlines: LocalDeadlines;

  constructor(private readonly options: LocalProvisionerOptions) {
    this.#deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
  }

  async missing(): Promise<string | null> {
    try {
      await checkBubblewrap();
      return null;
    } catch (thrown) {
      const { details, message } = AileronError.from(thrown);
      return [details['reason'] ?? message, details['remedy']].filter((each) => typeof each === 'string').join(' ');
    }
  }

  async ensureVolume(workspaceId: string, signal: AbortSignal): Promise<void> {
    const workspace = this.#workspace(workspaceId);
    return this.#turns.take(workspaceId, signal, async () => {
      await mkdir(this.options.directory, { recursive: true, mode: 0o700 });
      await chmod(this.options.directory, 0o700);
      await workspace.makeVolume();
    });
  }

  async launch(launch: WorkspaceLaunch, progress: LaunchProgress, signal: AbortSignal): Promise<WorkspaceEndpoints> {
    const workspace = this.#workspace(launch.workspaceId);
    const folder = workspace.launch(launch.launch);
    folder.assertSocketsFit();
    return this.#turns.take(launch.workspaceId, signal, async () => {
      if (!(await workspace.hasVolume())) throw new AileronError('VOLUME_MISSING', { workspaceId: launch.workspaceId });
      const there = await this.#adopt(folder, launch, { progress, signal });
      if (there !== null) return there;
      const missing = await this.missing();
      if (missing !== null)
        throw new AileronError('PROVISIONER_UNAVAILABLE', { provisioner: 'local', reason: missing });
      for (const each of await workspace.launches()) {
        if (each.launch > launch.launch)
          throw new AileronError('LAUNCH_FAILED', { reason: 'A later launch is there.' });
        await this.#end(each, { force: false });
      }
      return this.#start(workspace, launch, { progress, signal });
    });
  }

  endpointsOf(workspaceId: string, launch: number): WorkspaceEndpoints {
    return this.#workspace(workspaceId).launch(launch).endpoints;
  }

  async restartComponent(
    target: { readonly workspaceId: string; readonly launch: number; readonly component: PartName },
    signal: AbortSignal,
  ): Promise<void> {
    const folder = this.#workspace(target.workspaceId).launch(target.launch);
    const { component: part } = target;
    return this.#turns.take(target.workspaceId, signal, async () => {
      const record = await readRecord(folder);
      if (record === null) throw new AileronError('LAUNCH_FAILED', { reason: 'This launch does not run.' });
      await endProcesses(processesOf(folder, part, record[part]), this.#endOptions(false));
      const started = { ...record, [part]: await startPart(folder, part, programOf(part, this.options)) };
      await writeRecord(folder, started);
      await untilPartListens({ folder, options: this.options }, started, { part, signal });
    });
  }

  async stop(workspaceId: string, signal: AbortSignal): Promise<void> {
    const workspace = this.#workspace(workspaceId);
    return this.#turns.take(workspaceId, signal, () => this.#endAll(workspace, { force: false }));
  }

  async remove(workspaceId: string, { force }: { readonly force: boolean }, signal: AbortSignal): Promise<void> {
    const workspace = this.#workspace(workspaceId);
    return this.#turns.take(workspaceId, signal, async () => {
      await this.#endAll(workspace, { force });
      // Gone at once for everybody, and then bit by bit; what a crash leaves is found by its name.
      const removing = join(this.options.directory, REMOVING_FOLDER.of(workspaceId));
      await removeTree(removing, signal);
      await rename(workspace.path, removing).catch(ignoreMissing);
      await removeTree(removing, signal);
    });
  }

  async inspect(workspaceId: string): Promise<Inspection> {
    const workspace = this.#workspace(workspaceId);
    const volume = (await workspace.hasVolume()) ? 'present' : 'missing';
    const newest = (await workspace.launches()).at(-1);
    if (newest === undefined) return { container: 'missing', volume, launch: null };
    return (await this.#runs(newest))
      ? { container: 'running', volume, launch: newest.launch }
      : { container: 'exited', volume, launch: null };
  }

  async list(signal: AbortSignal): Promise<{ readonly found: readonly FoundResource[]; readonly complete: boolean }> {
    return findResources(this.options.directory, { runs: (folder) => this.#runs(folder), signal });
  }

  async removeResource(resource: FoundResource, signal: AbortSignal): Promise<void> {
    const { workspaceId, kind, launch } = resource;
    if (kind !== 'container') return this.remove(workspaceId, { force: false }, signal);
    if (launch === null) return;
    const workspace = this.#workspace(workspaceId);
    await this.#turns.take(workspaceId, signal, async () => {
      await this.#end(workspace.launch(launch), { force: false });
      await rmdir(workspace.path).catch(() => undefined);
    });
  }

  async logs(workspaceId: string, component: PartName): Promise<string> {
    const newest = (await this.#workspace(workspaceId).launches()).at(-1);
    return newest === undefined ? '' : readTail(newest.file(`${component}.log`));
  }

  #workspace(workspaceId: string): WorkspaceFolder {
    return new WorkspaceFolder(this.options.directory, workspaceId);
  }

  #endOptions(force: boolean): EndOptions {
    return { force, deadlines: this.#deadlines };
  }

  async #runs(folder: LaunchFolder): Promise<boolean> {
    return isWhole(await readRecord(folder));
  }

  /** The same launch again is the one that runs, whoever started it. */
  async #adopt(
    folder: LaunchFolder,
    { session }: WorkspaceLaunch,
    { progress, signal }: { readonly progress: LaunchProgress; readonly signal: AbortSignal },
  ): Promise<WorkspaceEndpoints | null> {
    const record = await readRecord(folder);
    if (record === null || !isWhole(record) || !(await renewToken(folder, session))) return null;
    for (const part of PARTS) await untilPartListens({ folder, options: this.options }, record, { part, signal });
    for (const name of LOCAL_LAUNCH_STEPS) progress.step({ name, status: 'skipped' });
    return folder.endpoints;
  }

  async #start(
    workspace: WorkspaceFolder,
    launch: WorkspaceLaunch,
    run: { readonly progress: LaunchProgress; readonly signal: AbortSignal },
  ): Promise<WorkspaceEndpoints> {
    const folder = workspace.launch(launch.launch);
    try {
      return await startLaunch({ workspace, folder, options: this.options }, launch, run);
    } catch (thrown) {
      await this.#end(folder, { force: true }).catch((err: unknown) => {
        this.options.log.error({ err, workspaceId: launch.workspaceId }, 'provisioner.local.not-ended');
      });
      if (run.signal.aborted) throw new AileronError('CANCELLED', {}, { cause: thrown });
      if (AileronError.is(thrown)) throw thrown;
      throw new AileronError('LAUNCH_FAILED', { reason: 'The workspace could not be prepared.' }, { cause: thrown });
    }
  }

  async #endAll(workspace: WorkspaceFolder, options: { readonly force: boolean }): Promise<void> {
    for (const folder of await workspace.launches()) await this.#end(folder, options);
  }

  async #end(folder: LaunchFolder, { force }: { readonly force: boolean }): Promise<void> {
    await endLaunch(folder, this.#endOptions(force));
    await removeTree(folder.path, new AbortController().signal);
  }
}

/** Half of a launch is none: it is started anew. */
const isWhole = (record: LaunchRecord | null): boolean =>
  record !== null && PARTS.every((part) => record[part] !== null && isRunning(record[part]));

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
