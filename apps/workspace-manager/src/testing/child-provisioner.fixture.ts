import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fakeAgent, type InstalledAgent } from '@aileron/agents';
import { AileronError } from '@aileron/errors';
import type { FoundResource } from '@aileron/lifecycle';
import type {
  Inspection,
  LaunchProgress,
  WorkspaceEndpoints,
  WorkspaceLaunch,
  WorkspaceProvisioner,
} from '@aileron/provisioner';
import { waitUntil } from './wait-until.fixture.ts';

const PARTS = ['runtime', 'terminal'] as const;
type Part = (typeof PARTS)[number];

const require = createRequire(import.meta.url);
const SERVICES: Readonly<Record<Part, string>> = {
  runtime: require.resolve('@aileron/workspace-runtime/service'),
  terminal: require.resolve('@aileron/workspace-terminal/service'),
};

interface LaunchFile {
  readonly launch: number;
  readonly pids: Record<Part, number>;
}

/** A provisioner of processes without any boundary, whose parts outlive the manager. Everything it has is in a folder. */
export class ChildProvisioner implements WorkspaceProvisioner {
  readonly kind = 'local';
  /** Held until it is released: to end a manager in the middle of a launch. */
  gate: Promise<void> = Promise.resolve();
  launches = 0;

  readonly root: string;
  readonly #fake: InstalledAgent;

  private constructor(root: string, fake: InstalledAgent) {
    this.root = root;
    this.#fake = fake;
  }

  static async make(root: string): Promise<ChildProvisioner> {
    const directory = join(root, '.agents');
    const fake = await fakeAgent.install({ directory, signal: AbortSignal.timeout(30_000) });
    return new ChildProvisioner(root, fake);
  }

  async #workspaces(): Promise<string[]> {
    return (await readdir(this.root).catch(() => [])).filter((name) => name.startsWith('wsp_'));
  }

  volumeOf(workspaceId: string): string {
    return this.#path(workspaceId, 'volume');
  }

  missing(): Promise<string | null> {
    return Promise.resolve(null);
  }

  async ensureVolume(workspaceId: string): Promise<void> {
    await mkdir(this.#path(workspaceId, 'volume'), { recursive: true, mode: 0o700 });
  }

  async launch(
    { workspaceId, launch }: WorkspaceLaunch,
    progress: LaunchProgress,
    signal: AbortSignal,
  ): Promise<WorkspaceEndpoints> {
    if (!existsSync(this.#path(workspaceId, 'volume'))) throw new AileronError('VOLUME_MISSING');
    this.launches += 1;
    progress.line(`launch ${launch} of ${workspaceId}`);
    await this.gate;
    signal.throwIfAborted();
    const present = await this.#read(workspaceId);
    if (present?.launch !== launch) await this.stop(workspaceId);
    const folder = this.#path(workspaceId, String(launch));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const pids = { runtime: 0, terminal: 0 };
    for (const part of PARTS) pids[part] = this.#spawn(workspaceId, launch, part);
    await this.#write(workspaceId, { launch, pids });
    await this.#listening(workspaceId, launch, signal);
    return this.endpointsOf(workspaceId, launch);
  }

  endpointsOf(workspaceId: string, launch: number): WorkspaceEndpoints {
    const address = (part: Part) => `unix:${this.#path(workspaceId, String(launch), part)}`;
    return { runtime: address('runtime'), terminal: address('terminal') };
  }

  async restartComponent(
    target: { workspaceId: string; launch: number; component: Part },
    signal: AbortSignal,
  ): Promise<void> {
    const { workspaceId, launch, component } = target;
    const present = await this.#read(workspaceId);
    if (present?.launch !== launch) throw new AileronError('PRECONDITION_FAILED');
    await end(present.pids[component]);
    await rm(this.#path(workspaceId, String(launch), component), { force: true });
    const pid = this.#spawn(workspaceId, launch, component);
    await this.#write(workspaceId, { launch, pids: { ...present.pids, [component]: pid } });
    await this.#listening(workspaceId, launch, signal);
  }

  async stop(workspaceId: string): Promise<void> {
    const present = await this.#read(workspaceId);
    if (present === null) return;
    for (const part of PARTS) await end(present.pids[part]);
    await rm(this.#path(workspaceId, String(present.launch)), { recursive: true, force: true });
    await rm(this.#path(workspaceId, 'launch.json'), { force: true });
  }

  async remove(workspaceId: string): Promise<void> {
    await this.stop(workspaceId);
    await rm(this.#path(workspaceId), { recursive: true, force: true });
  }

  async inspect(workspaceId: string): Promise<Inspection> {
    const present = await this.#read(workspaceId);
    const running = present !== null && isAlive(present.pids.runtime);
    return {
      container: present === null ? 'missing' : running ? 'running' : 'exited',
      volume: existsSync(this.#path(workspaceId, 'volume')) ? 'present' : 'missing',
      launch: running ? present.launch : null,
    };
  }

  async list(): Promise<{ found: readonly FoundResource[]; complete: boolean }> {
    const found: FoundResource[] = [];
    for (const workspaceId of await this.#workspaces()) {
      const present = await this.#read(workspaceId);
      const made = await stat(this.#path(workspaceId)).catch(() => null);
      if (made === null) continue;
      const common = { workspaceId, createdAt: Math.floor(made.birthtimeMs) };
      if (existsSync(this.#path(workspaceId, 'volume'))) {
        found.push({ ...common, id: `${workspaceId}/volume`, kind: 'volume', launch: null, running: false });
      }
      if (present === null) continue;
      const running = isAlive(present.pids.runtime);
      found.push({ ...common, id: `${workspaceId}/parts`, kind: 'container', launch: present.launch, running });
    }
    return { found, complete: true };
  }

  async removeResource({ workspaceId, kind }: FoundResource): Promise<void> {
    await (kind === 'container' ? this.stop(workspaceId) : this.remove(workspaceId));
  }

  logs(): Promise<string> {
    return Promise.resolve('');
  }

  /** As the kernel does when memory runs out. */
  async kill(workspaceId: string, part: Part): Promise<void> {
    const present = await this.#read(workspaceId);
    if (present !== null) await end(present.pids[part]);
  }

  async loseVolume(workspaceId: string): Promise<void> {
    await rm(this.volumeOf(workspaceId), { recursive: true, force: true });
  }

  /** What a manager that was forgotten left behind. */
  async launchAlone(workspaceId: string): Promise<void> {
    const folder = this.#path(workspaceId, '1');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const pids = { runtime: this.#spawn(workspaceId, 1, 'runtime'), terminal: this.#spawn(workspaceId, 1, 'terminal') };
    await this.#write(workspaceId, { launch: 1, pids });
  }

  async dispose(): Promise<void> {
    for (const workspaceId of await this.#workspaces()) await this.remove(workspaceId);
    await rm(this.root, { recursive: true, force: true });
  }

  #path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  #spawn(workspaceId: string, launch: number, part: Part): number {
    const main = join(dirname(SERVICES[part]), 'main.js');
    const settings = part === 'runtime' ? this.#runtime(workspaceId) : this.#terminal(workspaceId);
    const child = spawn(process.execPath, [main], {
      stdio: 'ignore',
      detached: true,
      env: {
        AILERON_CONFIG: JSON.stringify(settings),
        AILERON_LISTEN: `unix:${this.#path(workspaceId, String(launch), part)}`,
      },
    });
    child.unref();
    return child.pid ?? 0;
  }

  #runtime(workspaceId: string): object {
    const project = this.#path(workspaceId, 'volume');
    return {
      workspaceId,
      projectDirectory: project,
      agents: [{ kind: 'fake', installDirectory: this.#fake.directory, command: this.#fake.command }],
      agentEnvironment: { PATH: '/usr/bin:/bin', HOME: project },
      projectInside: project,
      nodeInside: process.execPath,
    };
  }

  #terminal(workspaceId: string): object {
    const volume = this.#path(workspaceId, 'volume');
    return {
      workspaceId,
      command: ['/bin/bash', '--norc', '--noprofile'],
      workingDirectory: volume,
      environment: { PATH: '/usr/bin:/bin', HOME: volume, PS1: '$ ' },
    };
  }

  async #listening(workspaceId: string, launch: number, signal: AbortSignal): Promise<void> {
    await waitUntil(
      () => signal.aborted || PARTS.every((part) => existsSync(this.#path(workspaceId, String(launch), part))),
    );
    signal.throwIfAborted();
  }

  async #read(workspaceId: string): Promise<LaunchFile | null> {
    const text = await readFile(this.#path(workspaceId, 'launch.json'), 'utf8').catch(() => null);
    return text === null ? null : (JSON.parse(text) as LaunchFile);
  }

  async #write(workspaceId: string, file: LaunchFile): Promise<void> {
    await writeFile(this.#path(workspaceId, 'launch.json'), JSON.stringify(file));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function end(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  await waitUntil(() => !isAlive(pid));
}
