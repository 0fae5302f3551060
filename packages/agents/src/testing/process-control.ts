import { PassThrough } from 'node:stream';
import { AileronError } from '@aileron/errors';
import type { LaunchedProcess, LaunchRequest, ProcessLauncher } from '../process/process-launcher.js';

/** A launcher in the hands of a test: it kills what was started and puts words into its mouth. */
export class ProcessControl implements ProcessLauncher {
  private readonly running = new Set<{ readonly process: LaunchedProcess; readonly stdout: PassThrough }>();
  /** Processes started so far. */
  launches = 0;
  /** The next launches fail. */
  refuses = false;
  /** What is started says nothing. */
  silent = false;

  constructor(private readonly launcher: ProcessLauncher) {}

  async launch(request: LaunchRequest): Promise<LaunchedProcess> {
    this.launches += 1;
    if (this.refuses) throw new AileronError('AGENT_UNAVAILABLE', { reason: 'The test refuses to start it.' });
    const process = await this.launcher.launch(request);
    const entry = { process, stdout: new PassThrough() };
    this.running.add(entry);
    if (this.silent) process.stdout.resume().once('close', () => entry.stdout.end());
    else process.stdout.pipe(entry.stdout);
    void process.exited.then(() => this.running.delete(entry));
    return { ...process, stdout: entry.stdout };
  }

  get alive(): number {
    return this.running.size;
  }

  killAll(): void {
    for (const { process } of this.running) process.kill('SIGKILL');
  }

  /** Ends all, and lets nothing be started again. */
  async close(): Promise<void> {
    this.refuses = true;
    const exits = [...this.running].map(({ process }) => process.exited);
    this.killAll();
    await Promise.all(exits);
  }

  /** As if every process had written it. Whole lines, while the agent is idle. */
  inject(bytes: string | Uint8Array): void {
    for (const { stdout } of this.running) stdout.write(bytes);
  }
}
