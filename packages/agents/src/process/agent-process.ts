import type { AgentClock } from '../conversation/agent-clock.js';
import { boundedLines, type BoundedLine } from './bounded-lines.js';
import { OutputTail } from './output-tail.js';
import { ProcessInput } from './process-input.js';
import type { LaunchedProcess, LaunchRequest, ProcessExit, ProcessLauncher } from './process-launcher.js';

/** A tool result with an image in it is some megabytes of base64. */
const MAX_LINE_BYTES = 16 << 20;
const STDERR_CHARACTERS = 2_000;
/** What a process's own children may hold its output open after it is gone. */
const OUTPUT_GRACE_MS = 2_000;
const TERMINATE_MS = 2_000;
const GIVE_UP_MS = 10_000;

export interface ProcessEnd {
  readonly exit: ProcessExit | null;
  /** It could not be started. */
  readonly launchError: unknown;
  /** The end of what it said on stderr, in one line. */
  readonly stderr: string;
}

export interface ProcessObserver {
  onLaunched(): void;
  /** The next line is read when this is over: a slow reader slows the agent down. */
  onLine(line: BoundedLine): Promise<void>;
  /** Once, after the last line. */
  onClosed(end: ProcessEnd): void;
}

/** One process of an agent from launch to exit. */
export class AgentProcess {
  private process: LaunchedProcess | null = null;
  private input: ProcessInput | null = null;
  private stderr: OutputTail | null = null;
  private killed = false;
  private readonly abort = new AbortController();
  private readonly end = Promise.withResolvers<void>();

  constructor(
    private readonly launcher: ProcessLauncher,
    private readonly clock: AgentClock,
    private readonly observer: ProcessObserver,
  ) {}

  /** Never rejects. Over when the process is gone. */
  async run(request: Omit<LaunchRequest, 'signal'>): Promise<void> {
    const closed = (exit: ProcessExit | null, launchError: unknown = null): void => {
      this.end.resolve();
      this.observer.onClosed({ exit, launchError, stderr: this.stderr?.toString() ?? '' });
    };
    try {
      this.process = await this.launched(request);
    } catch (error) {
      closed(null, error);
      return;
    }
    const { process } = this;
    this.stderr = new OutputTail(process.stderr, STDERR_CHARACTERS);
    this.input = new ProcessInput(process.stdin);
    if (this.killed) process.kill('SIGKILL');
    else this.observer.onLaunched();
    await this.readLines(process);
    closed(await process.exited);
  }

  /** A launcher that does not listen to the signal is not waited for. */
  private async launched(request: Omit<LaunchRequest, 'signal'>): Promise<LaunchedProcess> {
    const { signal } = this.abort;
    const launching = this.launcher.launch({ ...request, signal });
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
    try {
      return await Promise.race([launching, aborted.promise]);
    } catch (error) {
      launching.then(
        (process) => process.kill('SIGKILL'),
        () => undefined,
      );
      throw error;
    }
  }

  private async readLines(process: LaunchedProcess): Promise<void> {
    let stopGrace = (): void => undefined;
    void process.exited.then(() => {
      stopGrace = this.clock.after(OUTPUT_GRACE_MS, () => process.stdout.destroy());
    });
    try {
      for await (const line of boundedLines(process.stdout, MAX_LINE_BYTES)) await this.observer.onLine(line);
    } catch {
      // The stream broke: the exit says more.
    }
    stopGrace();
    // Without output there is no protocol: what still runs is of no use.
    const stopKill = this.clock.after(TERMINATE_MS, () => process.kill('SIGKILL'));
    await process.exited;
    stopKill();
  }

  writeLine(line: string): boolean {
    return this.input?.writeLine(line) ?? false;
  }

  kill(): void {
    this.killed = true;
    this.abort.abort();
    this.process?.kill('SIGKILL');
  }

  /** Ends it. Over when it is gone and its last line was read, or cannot be ended. */
  async destroy(): Promise<void> {
    this.kill();
    const giveUp = Promise.withResolvers<void>();
    const stopTimer = this.clock.after(GIVE_UP_MS, giveUp.resolve);
    await Promise.race([this.end.promise, giveUp.promise]);
    stopTimer();
  }

  /** Asks it to end by closing its input; after `graceMs` by SIGTERM, then by SIGKILL. */
  stop(graceMs: number): void {
    if (this.process === null) return this.kill();
    const { process } = this;
    this.input?.end();
    let stopTimer = this.clock.after(graceMs, () => {
      process.kill('SIGTERM');
      stopTimer = this.clock.after(TERMINATE_MS, () => process.kill('SIGKILL'));
    });
    void process.exited.then(() => stopTimer());
  }
}
