import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const END_MS = 20_000;

/** A process that the drill starts, kills and starts again. It ends with the drill. */
export class KilledProcess {
  #child: ChildProcess | null = null;
  #out = '';

  private readonly program: string;
  private readonly args: readonly string[];
  private readonly options: { readonly logFile: string; readonly environment: Readonly<Record<string, string>> };

  constructor(
    program: string,
    args: readonly string[],
    options: { readonly logFile: string; readonly environment: Readonly<Record<string, string>> },
  ) {
    this.program = program;
    this.args = args;
    this.options = options;
  }

  get runs(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it printed since it was started. */
  get printed(): string {
    return this.#out;
  }

  start(): void {
    const log = openSync(this.options.logFile, 'a', 0o600);
    const child = spawn(this.program, this.args, {
      stdio: ['pipe', 'pipe', log],
      env: { ...this.options.environment },
      // A Ctrl-C on our terminal is ours.
      detached: true,
    });
    closeSync(log);
    this.#out = '';
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#out = `${this.#out}${text}`.slice(-65_536)));
    this.#child = child;
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === null || !this.runs) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await exited;
    clearTimeout(timer);
  }
}
