import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const PROGRAM = '/usr/bin/redis-server';
const CLIENT = '/usr/bin/redis-cli';
const START_MS = 60_000;
const run = promisify(execFile);

/** Whether Debian's Redis is here; root installs it. */
export async function hasRedis(): Promise<boolean> {
  if (existsSync(PROGRAM)) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const options = { timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'];
  try {
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', install, options);
  } catch {
    // Not here, then.
  }
  return existsSync(PROGRAM);
}

/** A Redis of the test's own on a Unix socket, whose append-only file survives a kill. */
export class RedisServer {
  #child: ChildProcess | null = null;
  readonly #killWithUs = () => this.#child?.kill('SIGKILL');

  private constructor(
    private readonly directory: string,
    private readonly settings: readonly string[],
  ) {}

  static async start(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(await mkdtemp(join(tmpdir(), 'aileron-redis-')), settings);
    await server.start();
    process.once('exit', server.#killWithUs);
    return server;
  }

  get socket(): string {
    return join(this.directory, 'redis.sock');
  }

  async start(): Promise<void> {
    const settings = ['--port', '0', '--unixsocket', this.socket, '--dir', this.directory, '--save', ''];
    this.#child = spawn(PROGRAM, [...settings, '--appendonly', 'yes', ...this.settings], { stdio: 'ignore' });
    const until = Date.now() + START_MS;
    while (!(await this.#answers())) {
      if (Date.now() > until) throw new Error('redis-server did not start');
      await delay(20);
    }
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async destroy(): Promise<void> {
    process.off('exit', this.#killWithUs);
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** It has read its file, too. */
  #answers(): Promise<boolean> {
    return run(CLIENT, ['-s', this.socket, 'ping'], { timeout: 5_000 }).then(
      ({ stdout }) => stdout.startsWith('PONG'),
      () => false,
    );
  }
}
