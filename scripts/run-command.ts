import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

/** The tools of this repository's own node_modules, before any others. */
const environment = () => ({
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
});

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end; its output is kept, or shown as it comes. */
export function runCommand(
  command: readonly string[],
  options: { show?: boolean; cwd?: string; env?: Readonly<Record<string, string>>; deadlineMs?: number } = {},
): Promise<CommandResult> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...environment(), ...options.env },
      stdio: ['ignore', options.show ? 'inherit' : 'pipe', options.show ? 'inherit' : 'pipe'],
      timeout: options.deadlineMs ?? 1_200_000,
    });
    const parts: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    child.stderr?.on('data', (part: Buffer) => parts.push(part));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const output = Buffer.concat(parts).toString('utf8') + (signal ? `\nended by ${signal}\n` : '');
      resolve({ code: code ?? 1, output });
    });
  });
}
