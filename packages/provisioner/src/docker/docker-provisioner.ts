import { rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { FoundResource } from '@aileron/lifecycle';
import type {
  Inspection,
  LaunchProgress,
  WorkspaceEndpoints,
  WorkspaceLaunch,
  WorkspaceProvisioner,
} from '../provisioner.port.js';
import { Turns } from '../local/turns.js';
import { textOfStream } from './container-output.js';
import { ensureBoundedVolume, isBounded } from './bounded-volume.js';
import { DockerEngine } from './docker-engine.js';
import { DOCKER_LAUNCH_STEPS, DockerLaunch } from './docker-launch.js';
import {
  DEFAULT_DEADLINES,
  DEFAULT_LIMITS,
  type DockerDeadlines,
  type DockerProvisionerOptions,
} from './docker-provisioner.options.js';
import { listResources, removeListed, workspaceFolder } from './docker-resources.js';
import { LaunchFolder } from './launch-folder.js';
import { missingOf } from './missing.js';
import { socketIdentity, untilListens } from './part-sockets.js';
import { LABELS, launchOf, resourceNames } from './resource-names.js';

const LOG_LINES = 1_000;
interface ComponentOfLaunch {
  readonly workspaceId: string;
  readonly launch: number;
  readonly component: 'runtime' | 'terminal';
}

const RESTART_SIGNALS = { runtime: 'SIGUSR1', terminal: 'SIGUSR2' } as const;

/** Workspaces in containers of a Docker engine of this machine, one container each. @throws AileronError CONFIG_INVALID */
export function createDockerProvisioner(options: DockerProvisionerOptions): WorkspaceProvisioner {
  return new DockerProvisioner(options);
}

class DockerProvisioner implements WorkspaceProvisioner {
  readonly kind = 'docker';
  readonly launchSteps = DOCKER_LAUNCH_STEPS;
  readonly #turns = new Turns();
  readonly #engine: DockerEngine;
  readonly #options: DockerProvisionerOptions;
  readonly #deadlines: DockerDeadlines;

  constructor(options: DockerProvisionerOptions) {
    const deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
    this.#engine = new DockerEngine(assertUsable(options), deadlines.callMs);
    this.#options = options;
    this.#deadlines = deadlines;
  }

  missing(signal: AbortSignal): Promise<string | null> {
    return missingOf(this.#engine, this.#options.image, signal);
  }

  async ensureVolume(workspaceId: string, signal: AbortSignal): Promise<void> {
    const labels = { [LABELS.home]: this.#options.homeId, [LABELS.workspace]: workspaceId };
    const { volumeBytes } = { ...DEFAULT_LIMITS, ...this.#options.limits };
    for (const name of Object.values(this.#names(workspaceId).volumes)) {
      await ensureBoundedVolume(this.#engine, { name, labels, volumeBytes }, signal);
    }
  }

  launch(launch: WorkspaceLaunch, progress: LaunchProgress, signal: AbortSignal): Promise<WorkspaceEndpoints> {
    const { workspaceId } = launch;
    const run = new DockerLaunch({
      engine: this.#engine,
      options: this.#options,
      deadlines: this.#deadlines,
      folder: this.#folder(workspaceId, launch.launch),
      isVolumePresent: (until) => this.#isVolumePresent(workspaceId, until),
      isVolumeBounded: async (until) => (await this.#volumes(workspaceId, until)).every(isBounded),
      endEarlier: (id, until) => this.#end(workspaceId, { id, force: false }, until),
      lastLines: (part, until) => this.logs(workspaceId, part, until),
    });
    return this.#turns.take(workspaceId, signal, () => run.start({ launch, progress, signal }));
  }

  endpointsOf(workspaceId: string, launch: number): WorkspaceEndpoints {
    return this.#folder(workspaceId, launch).endpoints;
  }

  restartComponent(target: ComponentOfLaunch, signal: AbortSignal): Promise<void> {
    return this.#turns.take(target.workspaceId, signal, () => this.#restart(target, signal));
  }

  async #restart({ workspaceId, launch, component }: ComponentOfLaunch, signal: AbortSignal): Promise<void> {
    const container = await this.#engine.container(this.#names(workspaceId).container, signal);
    if (container?.State.Running !== true || launchOf(container.Config.Labels) !== launch) {
      throw new AileronError('LAUNCH_FAILED', { reason: 'This launch does not run.' });
    }
    const path = this.#folder(workspaceId, launch).socketOf(component);
    const before = await socketIdentity(path);
    const send = () => this.#signal(container.Id, RESTART_SIGNALS[component], signal);
    await send();
    const started = Date.now();
    let asked = 1;
    const check = async (): Promise<void> => {
      // It was asked; the second time it is not.
      if (asked > 1 || Date.now() - started < this.#deadlines.stopMs || (await socketIdentity(path)) !== before) return;
      asked += 1;
      await send();
    };
    await this.#listening(path, { unlike: before, check, signal });
  }

  async stop(workspaceId: string, signal: AbortSignal): Promise<void> {
    await this.#turns.take(workspaceId, signal, () => this.#endAll(workspaceId, { force: false }, signal));
  }

  async remove(workspaceId: string, options: { readonly force: boolean }, signal: AbortSignal): Promise<void> {
    const names = Object.values(this.#names(workspaceId).volumes);
    await this.#turns.take(workspaceId, signal, async () => {
      await this.#endAll(workspaceId, options, signal);
      for (const name of names) await this.#engine.removeVolume(name, signal);
    });
  }

  async inspect(workspaceId: string, signal: AbortSignal): Promise<Inspection> {
    const volume = (await this.#isVolumePresent(workspaceId, signal)) ? 'present' : 'missing';
    const container = await this.#engine.container(this.#names(workspaceId).container, signal);
    if (container === null) return { container: 'missing', volume, launch: null };
    if (!container.State.Running) return { container: 'exited', volume, launch: null };
    return { container: 'running', volume, launch: launchOf(container.Config.Labels) };
  }

  list(signal: AbortSignal): Promise<{ readonly found: readonly FoundResource[]; readonly complete: boolean }> {
    return listResources(this.#scope, signal);
  }

  async removeResource(resource: FoundResource, signal: AbortSignal): Promise<void> {
    if (await removeListed(this.#scope, resource, signal)) return;
    if (!resource.id.startsWith('folder/')) return;
    // A folder is in use as long as its container is.
    const { container } = this.#names(resource.workspaceId);
    if ((await this.#engine.container(container, signal)) === null) await this.#removeFolders(resource.workspaceId);
  }

  async logs(workspaceId: string, component: 'runtime' | 'terminal', signal: AbortSignal): Promise<string> {
    const container = await this.#engine.container(this.#names(workspaceId).container, signal);
    if (container === null) return '';
    const stream = component === 'runtime' ? 'stdout' : 'stderr';
    const frames = await this.#engine.call(signal, (abortSignal) =>
      this.#engine.docker
        .getContainer(container.Id)
        .logs({ [stream]: true, tail: LOG_LINES, follow: false, abortSignal }),
    );
    return textOfStream(frames, stream);
  }

  get #scope() {
    const { homeId, directory } = this.#options;
    return { engine: this.#engine, homeId, directory };
  }

  #names(workspaceId: string) {
    return resourceNames(this.#options.homeId, workspaceId);
  }

  #folder(workspaceId: string, launch: number): LaunchFolder {
    this.#names(workspaceId);
    return new LaunchFolder(this.#options.directory, workspaceId, launch);
  }

  /** Both, and ours: a volume that an engine made by itself for a container is nobody's data. */
  async #isVolumePresent(workspaceId: string, signal: AbortSignal): Promise<boolean> {
    const volumes = await this.#volumes(workspaceId, signal);
    return volumes.every((volume) => volume?.Labels?.[LABELS.workspace] === workspaceId);
  }

  #volumes(workspaceId: string, signal: AbortSignal) {
    const names = Object.values(this.#names(workspaceId).volumes);
    return Promise.all(names.map((name) => this.#engine.volume(name, signal)));
  }

  async #endAll(workspaceId: string, { force }: { readonly force: boolean }, signal: AbortSignal): Promise<void> {
    const container = await this.#engine.container(this.#names(workspaceId).container, signal);
    if (container !== null) await this.#end(workspaceId, { id: container.Id, force }, signal);
    await this.#removeFolders(workspaceId);
  }

  async #end(workspaceId: string, { id, force }: { id: string; force: boolean }, signal: AbortSignal): Promise<void> {
    if (!force) await this.#engine.stopContainer(id, { stopMs: this.#deadlines.stopMs, signal });
    await this.#engine.removeContainer(id, signal);
    await this.#removeFolders(workspaceId);
  }

  #removeFolders(workspaceId: string): Promise<void> {
    this.#names(workspaceId);
    return rm(workspaceFolder(this.#options.directory, workspaceId), { recursive: true, force: true });
  }

  async #signal(id: string, name: string, signal: AbortSignal): Promise<void> {
    const work = (abortSignal: AbortSignal) => this.#engine.docker.getContainer(id).kill({ signal: name, abortSignal });
    await this.#engine.call(signal, work);
  }

  async #listening(
    path: string,
    options: { unlike: string | null; check: () => Promise<void>; signal: AbortSignal },
  ): Promise<void> {
    const bound = AbortSignal.any([options.signal, AbortSignal.timeout(this.#deadlines.listenMs)]);
    try {
      await untilListens(path, { ...options, signal: bound });
    } catch (cause) {
      if (AileronError.is(cause)) throw cause;
      if (options.signal.aborted) throw new AileronError('CANCELLED', {}, { cause });
      throw new AileronError('LAUNCH_FAILED', { reason: 'The part does not listen.' }, { cause });
    }
  }
}

/** The path of the engine's socket. */
function assertUsable({ dockerHost, directory, homeId }: DockerProvisionerOptions): string {
  const fields = [
    ...(dockerHost.startsWith('unix:///')
      ? []
      : [
          { field: 'DOCKER_HOST', message: 'must be unix: and a path; sockets cannot be mounted into another machine' },
        ]),
    ...(isAbsolute(directory) ? [] : [{ field: 'directory', message: 'must be absolute' }]),
    ...(/^[a-z0-9]{1,32}$/.test(homeId) ? [] : [{ field: 'homeId', message: 'must be 1 to 32 of a-z, 0-9' }]),
  ];
  if (fields.length > 0) throw new AileronError('CONFIG_INVALID', { fields });
  return dockerHost.slice('unix://'.length);
}
