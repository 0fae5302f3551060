import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { LaunchedProcess, LaunchRequest, ProcessExit, ProcessLauncher } from '../process/process-launcher.js';

export interface HostLauncherOptions {
  /** The agent's home; its files are written there. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** In the environment of everything that a process starts, so that all of it is found when it is to end. */
const MARK = 'AILERON_LAUNCH_MARK';

/** Starts agents on this machine without a sandbox: for tests. */
export function hostLauncher({ home, environment }: HostLauncherOptions): ProcessLauncher {
  return {
    launch: async ({ command, workingDirectory, signal }) => {
      for (const { path, content } of command.files) {
        await mkdir(dirname(join(home, path)), { recursive: true });
        const staged = join(home, `${path}.${randomUUID()}`);
        await writeFile(staged, content);
        await rename(staged, join(home, path));
      }
      signal.throwIfAborted();
      return await start(command, workingDirectory, { HOME: home, ...environment, ...command.env });
    },
  };
}

async function start(
  { argv }: LaunchRequest['command'],
  cwd: string,
  env: Record<string, string>,
): Promise<LaunchedProcess> {
  const [program = '', ...args] = argv;
  const mark = randomUUID();
  const child = spawn(program, args, { cwd, env: { ...env, [MARK]: mark }, stdio: 'pipe' });
  const started = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<ProcessExit>();
  child.once('spawn', () => started.resolve());
  child.once('error', (cause) => {
    started.reject(new AileronError('AGENT_UNAVAILABLE', { reason: `${program} cannot be started.` }, { cause }));
  });
  child.once('exit', (code, signal) => exited.resolve({ code, signal }));
  await started.promise;
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr, exited: exited.promise, kill: (signal) => killMarked(`${MARK}=${mark}`, signal) };
}

/** Also what left the process's group, as shells of agents do. */
function killMarked(mark: string, signal: NodeJS.Signals): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(mark)) process.kill(Number(pid), signal);
    } catch {
      // It is gone, or another user's.
    }
  }
}
