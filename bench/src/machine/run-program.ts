import { execFile } from 'node:child_process';
import { inheritedEnvironment } from '@aileron/config';

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @returns what it printed on standard output */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const env = inheritedEnvironment(options.environment ?? {});
  const { timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env, timeout: timeoutMs, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error)
        reject(new Error(`${command} ${args[0] ?? ''}: ${error.message}\n${stderr.slice(-2_000)}`, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
