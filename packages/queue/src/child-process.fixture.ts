import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process that runs a program of this folder. */
export class ChildProgram {
  private constructor(private readonly child: ChildProcess) {}

  /** Returns when it has printed a line. */
  static async start(file: string, config: unknown): Promise<ChildProgram> {
    const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, file), JSON.stringify(config)];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '' },
    });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('exit', () => process.off('exit', killWithUs));
    const line = once(createInterface({ input: child.stdout! }), 'line', { signal: AbortSignal.timeout(20_000) });
    await Promise.race([line, once(child, 'exit').then(() => Promise.reject(new Error(`${file} ended at its start`)))]);
    return new ChildProgram(child);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }
}
