import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';

const PROGRAMS = { 'docker.io': '/usr/sbin/dockerd', debootstrap: '/usr/sbin/debootstrap' };
const START_MS = 60_000;
const END_MS = 60_000;

export const run = promisify(execFile);

/** Whether Debian's Docker engine is here; root installs it. Only root may run one of its own. */
export async function hasDocker(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const missing = Object.entries(PROGRAMS).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing.length === 0) return true;
  if (!existsSync('/usr/bin/apt-get')) return false;
  const options = { timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const apt = (...args: string[]) => run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], options);
  try {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', ...missing);
  } catch {
    // Not here, then.
  }
  return Object.values(PROGRAMS).every((path) => existsSync(path));
}

/** A Docker engine of the test's own, with its own socket and store, and no network at all. */
export class TestEngine {
  #child: ChildProcess | null = null;
  readonly #endWithUs = (): void => void this.#child?.kill('SIGTERM');

  private constructor(readonly directory: string) {}

  static async start(): Promise<TestEngine> {
    const directory = await mkdtemp(join(tmpdir(), 'ail-dk-'));
    await chmod(directory, 0o711);
    const engine = new TestEngine(directory);
    process.once('exit', engine.#endWithUs);
    await engine.start();
    return engine;
  }

  get socketPath(): string {
    return join(this.directory, 'd.sock');
  }

  get host(): string {
    return `unix://${this.socketPath}`;
  }

  get docker(): Docker {
    return new Docker({ socketPath: this.socketPath });
  }

  async start(): Promise<void> {
    const at = (name: string): string => join(this.directory, name);
    await using log = await open(at('engine.log'), 'a');
    const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
    const network = ['--bridge=none', '--iptables=false', '--ip6tables=false'];
    // An engine of the system shares its containerd with ours.
    const space = basename(this.directory);
    const spaces = ['--containerd-namespace', space, '--containerd-plugins-namespace', `${space}-plugins`];
    this.#child = spawn(PROGRAMS['docker.io'], ['--host', this.host, ...places, ...network, ...spaces], {
      stdio: ['ignore', log.fd, log.fd],
    });
    const until = Date.now() + START_MS;
    while (!(await this.answers())) {
      if (this.#child.exitCode !== null || Date.now() > until) {
        throw new Error(`dockerd did not start\n${(await readFile(at('engine.log'), 'utf8')).slice(-4_000)}`);
      }
      await pause(100);
    }
  }

  async answers(): Promise<boolean> {
    if (!existsSync(this.socketPath)) return false;
    const answer = this.docker.ping().then(
      () => true,
      () => false,
    );
    return Promise.race([answer, pause(5_000, false, { ref: false })]);
  }

  /** Ends it; its containers end with it. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(END_MS) });
    child.kill('SIGTERM');
    await exited;
  }

  /** SIGKILL: what it had started is there for its successor to find. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(END_MS) });
    child.kill('SIGKILL');
    await exited;
  }

  async destroy(): Promise<void> {
    const containers = await this.docker.listContainers({ all: true }).catch(() => []);
    for (const { Id } of containers)
      await this.docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => undefined);
    await this.stop();
    process.off('exit', this.#endWithUs);
    await this.#endShims();
    await this.#unmount();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }

  /** An engine that was killed forgets what it was just starting: its shim stays, with a `runc init` below it. */
  async #endShims(): Promise<void> {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (!/\/containerd-shim[^/]*$/.test(program) || !args.includes(basename(this.directory))) continue;
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
  }

  /** An engine leaves a name space of the network mounted, and one that was killed its file systems. */
  async #unmount(): Promise<void> {
    const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    const ours = mounts.filter((path) => path.startsWith(`${this.directory}/`)).toReversed();
    for (const path of ours) await run('umount', ['-l', path]).catch(() => undefined);
  }
}
