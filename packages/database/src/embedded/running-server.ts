import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AileronError } from '@aileron/errors';

const run = promisify(execFile);

/** https://www.postgresql.org/docs/18/server-shutdown.html: fast, immediate, then the one that cannot be ignored. */
const SHUTDOWN: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/**
 * Ends the server that a killed service left behind on this data directory, and forgets a `postmaster.pid` whose
 * number now belongs to somebody else (Postgres would refuse to start). The caller holds the lock of the home.
 * @returns the process id of the server that was ended, or null
 */
export async function endLeftServer(dataDirectory: string): Promise<number | null> {
  const pidFile = join(dataDirectory, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return null;
  const pid = Number(text.split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await isServerOf(pid, dataDirectory))) {
    await rm(pidFile, { force: true });
    return null;
  }
  await shutDown(pid);
  return pid;
}

/** Ends a server: without losing anything, then with recovery at its next start. */
export async function shutDown(pid: number): Promise<void> {
  for (const [signal, patienceMs] of SHUTDOWN) {
    if (!sendSignal(pid, signal)) return;
    if (await isGoneWithin(pid, patienceMs)) return;
  }
  throw new AileronError('DATABASE_UNAVAILABLE', { pid });
}

async function isServerOf(pid: number, dataDirectory: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(async () =>
    process.platform === 'linux' ? '' : processArguments(pid),
  );
  return command.includes('postgres') && command.includes(dataDirectory);
}

async function processArguments(pid: number): Promise<string> {
  return run('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { timeout: 5_000 }).then(
    (result) => result.stdout,
    () => '',
  );
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function isGoneWithin(pid: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (!sendSignal(pid, 0) || (await isZombie(pid))) return true;
    await delay(10);
  }
  return false;
}

/** Killed, and its parent has not looked yet: in a container whose first process reaps nothing this lasts for ever. */
async function isZombie(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) Z /.test(status);
}
