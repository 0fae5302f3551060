import { spawn } from 'node:child_process';
import { inheritedEnvironment } from '@aileron/config';
import { AileronError } from '@aileron/errors';

const DEADLINE_MS = 15_000;

/**
 * Nothing that the repository says is run: no hook, no pager, no external diff or text conversion, no file system monitor,
 * no credential helper. The agent writes the repository; we only look at it.
 */
const HARMLESS = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.pager': 'cat',
  'core.sshCommand': 'false',
  'credential.helper': '',
  'diff.external': '',
  'protocol.allow': 'never',
  'submodule.recurse': 'false',
  // The project is the agent's, another user's: looking at it is what this is for.
  'safe.directory': '*',
};

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  /** More was printed than is kept. */
  readonly truncated: boolean;
}

/** Runs the system's git in a folder, reading only. Its output is kept up to the limit. */
export function runGit(
  folder: string,
  args: readonly string[],
  { limitBytes, signal }: { readonly limitBytes: number; readonly signal: AbortSignal },
): Promise<GitOutput> {
  const settings = Object.entries(HARMLESS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn('git', ['--no-optional-locks', '--no-pager', ...settings, ...args], {
    cwd: folder,
    env: inheritedEnvironment({
      LC_ALL: 'C.UTF-8',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CEILING_DIRECTORIES: folder,
      GIT_ATTR_NOSYSTEM: '1',
    }),
    stdio: ['ignore', 'pipe', 'ignore'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    let truncated = false;
    child.stdout.on('data', (part: Buffer) => {
      const room = limitBytes - length;
      if (part.length > room) truncated = true;
      if (room > 0) parts.push(part.subarray(0, room));
      length += Math.min(part.length, Math.max(room, 0));
      // What is not kept need not be made.
      if (truncated) child.kill('SIGKILL');
    });
    child.once('error', (cause) => reject(failure(cause)));
    child.once('close', (code) =>
      resolve({ code: truncated ? 0 : (code ?? 1), stdout: Buffer.concat(parts), truncated }),
    );
  });
}

function failure(cause: Error): AileronError {
  if ('code' in cause && cause.code === 'ENOENT') {
    return new AileronError('UNIMPLEMENTED', { missing: 'git' }, { cause });
  }
  if (cause.name === 'AbortError') return new AileronError('DEADLINE_EXCEEDED', { waitedFor: 'git' }, { cause });
  return new AileronError('INTERNAL', {}, { cause });
}
