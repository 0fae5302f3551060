import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { inheritedEnvironment } from '@aileron/config';

const POLL_MS = 25;
/** All contestants may be starting at once, on two cores. */
const READY_WITHIN_MS = 90_000;
const END_WITHIN_MS = 15_000;

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What still runs when this process ends, however it ends, is told to end too. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/** A server that somebody else wrote, as a process of ours. */
export class SpawnedProgram {
  readonly #child: ChildProcess;
  #printed = '';

  constructor(readonly options: ProgramOptions) {
    const { command, args, uid, gid, environment = {} } = options;
    const ids = uid === undefined ? {} : { uid, gid: gid ?? uid };
    this.#child = spawn(command, args, {
      env: inheritedEnvironment(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...ids,
    });
    const keep = (text: string): void => void (this.#printed = `${this.#printed}${text}`.slice(-16_384));
    this.#child.stdout?.setEncoding('utf8').on('data', keep);
    this.#child.stderr?.setEncoding('utf8').on('data', keep);
    this.#child.on('error', (error) => keep(error.message));
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get ended(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get printed(): string {
    return this.#printed;
  }

  /** Until `isReady` says so; fails with what the program printed when it ends first or takes too long. */
  async ready(isReady: () => Promise<boolean> | boolean, withinMs = READY_WITHIN_MS): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (this.ended || !(await isReady())) {
      if (this.ended || Date.now() > deadline)
        throw new Error(`${this.options.command} did not start: ${this.#printed.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async close(): Promise<void> {
    if (this.ended) return;
    const exited = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    await exited;
    clearTimeout(timer);
  }
}

/** True when somebody listens on this port of loopback. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
