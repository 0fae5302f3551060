import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { TestEngine } from '@aileron/testing/docker';
import { Secret } from '@aileron/vault';
import type Docker from 'dockerode';
import type { ComponentOfLaunch, ConformanceSubject } from '../testing/conformance-subject.js';
import type { LaunchProgress, WorkspaceLaunch, WorkspaceProvisioner } from '../provisioner.port.js';
import { createDockerProvisioner } from './docker-provisioner.js';
import type { DockerProvisionerOptions } from './docker-provisioner.options.js';
import { AGENT_PREFIX } from './inside.js';
import { resourceNames } from './resource-names.js';

const COMMAND_MS = 120_000;

export const within = (ms = 120_000): AbortSignal => AbortSignal.timeout(ms);

export interface Steps extends LaunchProgress {
  readonly seen: string[];
  readonly lines: string[];
  /** The most that was told. */
  readonly bytes: number;
}

export function recordSteps(): Steps {
  const seen: string[] = [];
  const lines: string[] = [];
  let most = 0;
  return {
    seen,
    lines,
    get bytes() {
      return most;
    },
    step: ({ name, status, bytes }) => {
      seen.push(`${name} ${status}`);
      most = Math.max(most, bytes ?? 0);
    },
    line: (text) => void lines.push(text),
  };
}

/** A home of its own on an engine: provisioner, launches, and commands as an agent would run them. */
export class DockerPlace implements ConformanceSubject {
  readonly homeId = randomBytes(5).toString('hex');
  readonly #proxies: Server[] = [];
  readonly #connections = new Set<Socket>();

  private constructor(
    readonly engine: TestEngine,
    readonly image: string,
    readonly directory: string,
  ) {}

  static async open(engine: TestEngine, image: string): Promise<DockerPlace> {
    const directory = await mkdtemp(join(engine.directory, 'h-'));
    return new DockerPlace(engine, image, directory);
  }

  provisioner(options: Partial<DockerProvisionerOptions> = {}): WorkspaceProvisioner {
    return createDockerProvisioner({
      dockerHost: this.engine.host,
      image: this.image,
      directory: join(this.directory, 'w'),
      homeId: this.homeId,
      deadlines: { listenMs: 120_000, callMs: 60_000 },
      connectors: [],
      promptHint: 'Aileron has tools.',
      agentsDirectory: join(this.directory, 'agents'),
      ...options,
    });
  }

  /** A launch with a session of its own, whose proxy answers every connection with its name. */
  async launchOf(workspaceId: string, launch: number, image: string | null = null): Promise<WorkspaceLaunch> {
    const runtimeDirectory = join(this.directory, `s-${workspaceId}-${launch}`);
    await mkdir(runtimeDirectory, { mode: 0o700 });
    await writeFile(join(runtimeDirectory, 'ca.pem'), `${rootCertificates[0]}\n`, { mode: 0o600 });
    await this.#answerAt(join(runtimeDirectory, 'proxy.sock'), `proxy of ${workspaceId}`);
    const agentToken = Secret.fromString(`canary-${randomBytes(12).toString('hex')}`);
    const session = { sessionId: `ses_${workspaceId}`, agentToken, runtimeDirectory };
    return { workspaceId, name: `The ${workspaceId}`, launch, session, agents: [], image };
  }

  container(workspaceId: string): Docker.Container {
    return this.engine.docker.getContainer(resourceNames(this.homeId, workspaceId).container);
  }

  /** Runs a shell script as the agents' user, as the parts do; their umask is that of the first process. */
  async runAsAgent(workspaceId: string, script: string): Promise<{ code: number; output: string }> {
    return this.#exec(workspaceId, [...AGENT_PREFIX, '/bin/bash', '-c', `umask 0002; ${script}`], '0:0');
  }

  /** Ends one part as the kernel does when memory runs out. */
  async killPart(workspaceId: string, component: 'runtime' | 'terminal'): Promise<void> {
    const script = `for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || ! grep -qz workspace-${component}/dist/main.js $p/cmdline || kill -KILL \${p#/proc/}; done; true`;
    await this.#exec(workspaceId, ['/bin/bash', '-c', script], '0:0');
  }

  killComponent({ workspaceId, component }: ComponentOfLaunch): Promise<void> {
    return this.killPart(workspaceId, component);
  }

  forbiddenPaths(workspaceId: string, launch: number): string[] {
    const parts = ['runtime.json', 'runtime.sock', 'terminal.json', 'terminal.sock'].map(
      (name) => `/run/workspace/${name}`,
    );
    const host = join(this.directory, 'w', workspaceId, String(launch));
    return [
      '/run/workspace',
      ...parts,
      '/run/proxy',
      '/run/proxy/proxy.sock',
      '/proc/1/environ',
      '/proc/1/root',
      host,
      this.directory,
    ];
  }

  async dispose(): Promise<void> {
    const filters = { label: [`dev.aileron.home=${this.homeId}`] };
    const { docker } = this.engine;
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true });
    }
    for (const { Name } of (await docker.listVolumes({ filters })).Volumes) await docker.getVolume(Name).remove();
    for (const socket of this.#connections) socket.destroy();
    for (const server of this.#proxies) server.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Containers, volumes and folders of a workspace that are still there. */
  async leftovers(workspaceId: string): Promise<string[]> {
    const { docker } = this.engine;
    const filters = { label: [`dev.aileron.workspace=${workspaceId}`, `dev.aileron.home=${this.homeId}`] };
    const containers = (await docker.listContainers({ all: true, filters })).map(({ Id }) => `container ${Id}`);
    const volumes = (await docker.listVolumes({ filters })).Volumes.map(({ Name }) => `volume ${Name}`);
    const folders = await readdir(join(this.directory, 'w')).catch(() => []);
    return [
      ...containers,
      ...volumes,
      ...folders.filter((name) => name === workspaceId).map((name) => `folder ${name}`),
    ];
  }

  async #exec(workspaceId: string, command: string[], user: string): Promise<{ code: number; output: string }> {
    const exec = await this.container(workspaceId).exec({
      Cmd: command,
      User: user,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: AbortSignal.timeout(COMMAND_MS),
    });
    const stream = await exec.start({ hijack: true, stdin: false });
    const text = new PassThrough();
    this.engine.docker.modem.demuxStream(stream, text, text);
    stream.once('end', () => text.end());
    const timer = setTimeout(() => stream.destroy(new Error('the command does not end')), COMMAND_MS);
    const parts: Buffer[] = [];
    for await (const part of text) parts.push(part as Buffer);
    clearTimeout(timer);
    const { ExitCode } = await exec.inspect();
    return { code: ExitCode ?? -1, output: Buffer.concat(parts).toString('utf8') };
  }

  async #answerAt(path: string, text: string): Promise<void> {
    const server = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await chmod(path, 0o600);
    this.#proxies.push(server);
  }
}
