import { findAgent, type InstalledAgent } from '@aileron/agents';
import { AileronError } from '@aileron/errors';
import type { LaunchProgress, WorkspaceEndpoints, WorkspaceLaunch } from '../provisioner.port.js';
import { containerOptions } from './container-options.js';
import { type DockerEngine, statusOf } from './docker-engine.js';
import { DEFAULT_LIMITS, type DockerDeadlines, type DockerProvisionerOptions } from './docker-provisioner.options.js';
import { ownerOf, type LaunchFolder } from './launch-folder.js';
import { unenforceable } from './missing.js';
import { openToAll } from './open-to-all.js';
import { untilListens } from './part-sockets.js';
import { launchOf, resourceNames } from './resource-names.js';
import { resolveImage } from './workspace-image.js';

/** What a launch tells of, in order. */
export const DOCKER_LAUNCH_STEPS = ['agents', 'image', 'container', 'runtime', 'terminal'] as const;
type Step = (typeof DOCKER_LAUNCH_STEPS)[number];

const PARTS = ['runtime', 'terminal'] as const;
const LAST_CHARACTERS = 4_000;
const UNBOUNDED = 'The size of the volumes is not limited: the file system of the engine has no project quotas.';

export interface DockerLaunchPlace {
  readonly engine: DockerEngine;
  readonly options: DockerProvisionerOptions;
  readonly deadlines: DockerDeadlines;
  readonly folder: LaunchFolder;
  readonly isVolumePresent: (signal: AbortSignal) => Promise<boolean>;
  readonly isVolumeBounded: (signal: AbortSignal) => Promise<boolean>;
  /** Ends and removes the container of an earlier launch, and its folder. */
  readonly endEarlier: (id: string, signal: AbortSignal) => Promise<void>;
  readonly lastLines: (part: (typeof PARTS)[number], signal: AbortSignal) => Promise<string>;
}

interface Run {
  readonly launch: WorkspaceLaunch;
  readonly progress: LaunchProgress;
  readonly signal: AbortSignal;
}

/** One start of a workspace, step by step. */
export class DockerLaunch {
  constructor(private readonly place: DockerLaunchPlace) {}

  /** The launch that runs already, or a new one. What does not come up is not left running. */
  async start(run: Run): Promise<WorkspaceEndpoints> {
    await this.#assertVolume(run.signal);
    let id = await this.#adopt(run);
    try {
      id ??= await this.#create(run);
      for (const part of PARTS) await step(run, part, () => this.#untilListens(part, id!, run));
    } catch (error) {
      await this.#abandon(run.launch);
      throw error;
    }
    return this.place.folder.endpoints;
  }

  /** The container of this very launch; every other one is ended. */
  async #adopt({ launch: { workspaceId, launch }, progress, signal }: Run): Promise<string | null> {
    const { engine, endEarlier, options } = this.place;
    const found = await engine.container(resourceNames(options.homeId, workspaceId).container, signal);
    if (found === null) return null;
    const its = launchOf(found.Config.Labels);
    if (found.State.Running && its === launch) {
      for (const name of ['agents', 'image', 'container']) progress.step({ name, status: 'skipped' });
      return found.Id;
    }
    if (found.State.Running && its !== null && its > launch) {
      throw new AileronError('LAUNCH_FAILED', { reason: 'A later launch of this workspace runs.' });
    }
    await endEarlier(found.Id, signal);
    return null;
  }

  async #create(run: Run): Promise<string> {
    const { engine, options } = this.place;
    const { launch, progress, signal } = run;
    const agents = await step(run, 'agents', () => this.#installAgents(run));
    const reference = launch.image ?? options.image;
    const imageId = await step(run, 'image', () => resolveImage(engine, { reference, progress, signal }));
    return step(run, 'container', () => this.#startContainer(run, { agents, imageId }));
  }

  async #installAgents({ launch, progress, signal }: Run): Promise<InstalledAgent[]> {
    const { installAgent, agentsDirectory: directory } = this.place.options;
    const line = (text: string): void => progress.line(text);
    const install =
      installAgent ?? ((kind: string) => findAgent(kind).install({ directory, signal, onProgress: line }));
    const agents = await Promise.all([...new Set(launch.agents)].map((kind) => install(kind, signal, line)));
    for (const { directory: place } of agents) await openToAll(place);
    return agents;
  }

  async #startContainer(
    { launch, progress, signal }: Run,
    { agents, imageId }: { readonly agents: readonly InstalledAgent[]; readonly imageId: string },
  ): Promise<string> {
    const { engine, folder, options } = this.place;
    const info = await engine.info(signal);
    if (!(await this.place.isVolumeBounded(signal))) progress.line(UNBOUNDED);
    const reason = unenforceable(info);
    if (reason !== null) throw new AileronError('PROVISIONER_UNAVAILABLE', { provisioner: 'docker', reason });
    const { connectors, promptHint, homeId } = options;
    // Version 1 has a tree for each controller; the runtime reads the one of version 2.
    const cgroup = info.CgroupVersion === '2' ? '/sys/fs/cgroup' : null;
    await folder.write(launch, { connectors, promptHint, agents, cgroup });
    const proxyOwner = await ownerOf(launch.session.runtimeDirectory);
    const wanted = { ...DEFAULT_LIMITS, ...options.limits };
    const limits = { ...wanted, cpus: Math.min(wanted.cpus, info.NCPU) };
    const settings = containerOptions({ launch, homeId, imageId, folder, agents, limits, proxyOwner });
    try {
      const create = (abortSignal: AbortSignal) => engine.docker.createContainer({ ...settings, abortSignal });
      const container = await engine.call(signal, create);
      // One that vanished meanwhile the engine made anew, empty and without our label.
      await this.#assertVolume(signal);
      await engine.call(signal, (abortSignal) => container.start({ abortSignal }));
      return container.id;
    } catch (error) {
      if (statusOf(error) === null) throw error;
      throw new AileronError('LAUNCH_FAILED', { reason: 'The engine does not start the container.' }, { cause: error });
    }
  }

  async #untilListens(part: (typeof PARTS)[number], id: string, { progress, signal }: Run): Promise<void> {
    const { engine, folder, deadlines } = this.place;
    const bound = AbortSignal.any([signal, AbortSignal.timeout(deadlines.listenMs)]);
    const check = async (): Promise<void> => {
      const container = await engine.container(id, bound);
      if (container?.State.Running !== true)
        throw new AileronError('LAUNCH_FAILED', { reason: 'The container ended.' });
    };
    try {
      await untilListens(folder.socketOf(part), { check, signal: bound });
    } catch (error) {
      if (signal.aborted) throw new AileronError('CANCELLED', {}, { cause: error });
      progress.line((await this.place.lastLines(part, signal).catch(() => '')).slice(-LAST_CHARACTERS));
      if (AileronError.is(error, 'LAUNCH_FAILED')) throw error;
      throw new AileronError('LAUNCH_FAILED', { part, reason: `The ${part} does not listen.` }, { cause: error });
    }
  }

  async #assertVolume(signal: AbortSignal): Promise<void> {
    if (!(await this.place.isVolumePresent(signal))) throw new AileronError('VOLUME_MISSING');
  }

  /** Whoever waited may be gone: this has an end of its own. What cannot be removed now, the next launch or a sweep does. */
  async #abandon({ workspaceId, launch }: WorkspaceLaunch): Promise<void> {
    const { engine, folder, deadlines, options } = this.place;
    const signal = AbortSignal.timeout(deadlines.callMs);
    try {
      const found = await engine.container(resourceNames(options.homeId, workspaceId).container, signal);
      if (found !== null && launchOf(found.Config.Labels) === launch) await engine.removeContainer(found.Id, signal);
      await folder.remove();
    } catch {
      // The first error says more.
    }
  }
}

async function step<T>({ progress, signal }: Run, name: Step, work: () => Promise<T>): Promise<T> {
  progress.step({ name, status: 'running' });
  if (signal.aborted) throw new AileronError('CANCELLED', {}, { cause: signal.reason });
  const result = await work();
  progress.step({ name, status: 'done' });
  return result;
}
