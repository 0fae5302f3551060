import { AileronError } from '@aileron/errors';
import { type Boundary, killGroup, spawnInside } from '../agents/prefix-launcher.js';

const DEADLINE_MS = 20_000;
/** What env(1) and the shells say of a program that is not there. */
const NOT_FOUND = 127;

/**
 * Nothing that the repository says is to be run: no hook, no pager, no external diff or text conversion, no file system
 * monitor, no credential helper. It is not what holds: git has more ways to run what a repository names (filters among
 * them) and to look elsewhere (core.worktree) than can be listed.
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
  // What the page has written is the part's, another user's.
  'safe.directory': '*',
};

const ENVIRONMENT = {
  LC_ALL: 'C.UTF-8',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
};

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  /** More was printed than is kept. */
  readonly truncated: boolean;
}

/** Where git is run, and on what. */
export interface GitPlace {
  readonly boundary: Boundary;
  /** The project as it is called there. */
  readonly folder: string;
}

/**
 * Runs git where the agents are: a repository is theirs, and with it what git does there. Its output is kept up to the limit.
 * @throws AileronError UNIMPLEMENTED (no git), DEADLINE_EXCEEDED, INTERNAL
 */
export function runGit(
  { boundary, folder }: GitPlace,
  args: readonly string[],
  { limitBytes, signal }: { readonly limitBytes: number; readonly signal: AbortSignal },
): Promise<GitOutput> {
  const settings = Object.entries(HARMLESS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const argv = ['git', '-C', folder, '--no-optional-locks', '--no-pager', ...settings, ...args];
  const child = spawnInside(boundary, argv, { cwd: '/', env: { ...ENVIRONMENT, GIT_CEILING_DIRECTORIES: folder } });
  const until = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const kill = (): void => killGroup(child, 'SIGKILL');
  until.addEventListener('abort', kill, { once: true });
  if (until.aborted) kill();
  child.stdin.on('error', () => undefined).end();
  child.stderr.resume();
  return new Promise<GitOutput>((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    let truncated = false;
    child.stdout.on('data', (part: Buffer) => {
      const room = limitBytes - length;
      if (part.length > room) truncated = true;
      if (room > 0) parts.push(part.subarray(0, room));
      length += Math.min(part.length, Math.max(room, 0));
      // What is not kept need not be made.
      if (truncated) kill();
    });
    child.once('error', (cause) => reject(failure(cause)));
    // What it left in its group would hold its output open.
    child.once('exit', kill);
    child.once('close', (code) => {
      if (until.aborted) reject(new AileronError('DEADLINE_EXCEEDED', { waitedFor: 'git' }, { cause: until.reason }));
      else if (code === NOT_FOUND) reject(new AileronError('UNIMPLEMENTED', { missing: 'git' }));
      else resolve({ code: truncated ? 0 : (code ?? 1), stdout: Buffer.concat(parts), truncated });
    });
  }).finally(() => until.removeEventListener('abort', kill));
}

function failure(cause: Error): AileronError {
  const missing = 'code' in cause && cause.code === 'ENOENT';
  return missing
    ? new AileronError('UNIMPLEMENTED', { missing: 'git' }, { cause })
    : new AileronError('INTERNAL', {}, { cause });
}
