import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { LaunchedProcess, LaunchRequest, ProcessExit, ProcessLauncher } from '@aileron/agents';
import { AileronError } from '@aileron/errors';

/** How a command gets into the agents' boundary. */
export interface Boundary {
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** In the environment of everything that an agent starts, so that all of it is found when it is to end. */
const MARK = 'AILERON_AGENT_PROCESS';
const SWEEP_MS = 10_000;

/**
 * Puts files into the home, then becomes the program: `sh -c … sh <token> <count> (<path> <content>)… <argv>…`. Inside the boundary,
 * for the home is the agent's. Each file appears whole; the token keeps two that begin at once apart.
 */
const WITH_FILES = `set -e
token=$1 count=$2; shift 2
while [ "$count" -gt 0 ]; do
  file=$HOME/$1; mkdir -p "\${file%/*}"
  printf %s "$2" > "$file.$token"; mv -f "$file.$token" "$file"
  count=$((count - 1)); shift 2
done
exec "$@"`;

/** Ends what left the process group and carries the mark; again until nothing is found, for it may fork meanwhile. */
const SWEEP = `tries=5
while [ $tries -gt 0 ]; do
  found=$(grep -slzxF "$1" /proc/[0-9]*/environ || true)
  [ -n "$found" ] || exit 0
  for each in $found; do pid=\${each#/proc/}; kill -KILL "\${pid%/environ}" 2>/dev/null || true; done
  tries=$((tries - 1))
done`;

/** Starts agents through the prefix, each as a process group of its own. */
export function prefixLauncher(boundary: Boundary): ProcessLauncher {
  return {
    launch: ({ command, workingDirectory, signal }: LaunchRequest) => {
      signal.throwIfAborted();
      const { argv, env, files } = command;
      const mark = randomUUID();
      const content = files.flatMap((file) => [file.path, file.content]);
      const bootstrap = ['/bin/sh', '-c', WITH_FILES, 'sh', mark, `${files.length}`, ...content];
      const child = spawnInside(boundary, [...(files.length === 0 ? [] : bootstrap), ...argv], {
        cwd: boundary.prefix.length === 0 ? workingDirectory : '/',
        env: { ...env, [MARK]: mark },
      });
      return launched(child, () => sweep(boundary, mark));
    },
  };
}

interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a command inside, in a process group of its own. */
export function spawnInside(
  { prefix, environment }: Boundary,
  argv: readonly string[],
  { cwd, env }: SpawnOptions,
): ChildProcessWithoutNullStreams {
  const [program = '', ...args] = [...prefix, ...argv];
  return spawn(program, args, { cwd, env: { ...environment, ...env }, stdio: 'pipe', detached: true });
}

async function launched(child: ChildProcessWithoutNullStreams, onGone: () => void): Promise<LaunchedProcess> {
  const started = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<ProcessExit>();
  child.once('spawn', () => started.resolve());
  child.on('error', (cause) => {
    started.reject(new AileronError('AGENT_UNAVAILABLE', { reason: 'It cannot be started.' }, { cause }));
  });
  child.once('exit', (code, signal) => {
    // What it left in its group holds its output open, and nobody else will end it.
    killGroup(child, 'SIGKILL');
    onGone();
    exited.resolve({ code, signal });
  });
  await started.promise;
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr, exited: exited.promise, kill: (signal) => killGroup(child, signal) };
}

/** A negative number is the group (kill(2)). */
export function killGroup({ pid }: { readonly pid?: number | undefined }, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

/** As the agent's user, who alone may read the environment of its processes. Beside what goes on: nobody waits for it. */
function sweep(boundary: Boundary, mark: string): void {
  const child = spawnInside(boundary, ['/bin/sh', '-c', SWEEP, 'sh', `${MARK}=${mark}`], { cwd: '/', env: {} });
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  child.stdin.on('error', () => undefined).end();
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), SWEEP_MS);
  child.once('error', () => clearTimeout(timer));
  child.once('exit', () => clearTimeout(timer));
}
