import { spawn } from 'node:child_process';
import type { OnProgress } from './agent-definition.js';

const KEPT_OUTPUT_CHARACTERS = 4_000;
const KEPT_LINE_CHARACTERS = 500;

export interface BoundedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onLine?: OnProgress | undefined;
  /** This process's own when absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export type CommandResult =
  | { readonly status: 'exited'; readonly code: number | null; readonly output: string }
  | { readonly status: 'not-found' | 'timed-out' | 'aborted'; readonly output: string };

/** Runs a program to its end, a deadline or an abort, with its whole process group, keeping the tail of what it printed. */
export async function runBounded(input: BoundedCommand): Promise<CommandResult> {
  if (input.signal.aborted) return { status: 'aborted', output: '' };
  const deadline = AbortSignal.timeout(input.timeoutMs);
  const stop = AbortSignal.any([input.signal, deadline]);
  const child = spawn(input.command, input.args, {
    cwd: input.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(input.environment === undefined ? {} : { env: input.environment }),
  });
  const output = collectOutput([child.stdout, child.stderr], input.onLine);
  const killGroup = (): void => {
    // A negative pid is the group: npm's own children go with it.
    if (child.pid !== undefined) ignoreGone(() => process.kill(-child.pid!, 'SIGKILL'));
  };
  stop.addEventListener('abort', killGroup, { once: true });
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  child.once('error', (error: NodeJS.ErrnoException) => {
    const status = error.code === 'ENOENT' ? 'not-found' : 'exited';
    resolve(status === 'exited' ? { status, code: null, output: error.message } : { status, output: error.message });
  });
  child.once('close', (code) => {
    if (input.signal.aborted) resolve({ status: 'aborted', output: output() });
    else if (deadline.aborted) resolve({ status: 'timed-out', output: output() });
    else resolve({ status: 'exited', code, output: output() });
  });
  try {
    return await promise;
  } finally {
    stop.removeEventListener('abort', killGroup);
  }
}

function collectOutput(streams: readonly NodeJS.ReadableStream[], onLine: OnProgress | undefined): () => string {
  let tail = '';
  for (const stream of streams) {
    let line = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      tail = (tail + text).slice(-KEPT_OUTPUT_CHARACTERS);
      const lines = (line + text).split('\n');
      line = (lines.pop() ?? '').slice(0, KEPT_LINE_CHARACTERS);
      for (const each of lines) if (each.trim() !== '') onLine?.(each.slice(0, KEPT_LINE_CHARACTERS));
    });
  }
  return () => tail;
}

function ignoreGone(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
