import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownEnvironment } from '@aileron/config';
import { AileronError } from '@aileron/errors';
import { findService, type ServiceFile } from '../home/service-file.js';
import type { Home } from '../home/home.js';
import { ENGINE_ENVIRONMENT, ENGINE_OPTIONS } from './engine-options.js';

const READY_WITHIN_MS = 30_000;
const POLL_MS = 25;

export interface SpawnedService {
  readonly service: ServiceFile;
  readonly process: ChildProcess;
  readonly logFile: string;
}

/**
 * Starts `aileron service` for a home as a process of its own and waits until it answers.
 * @throws AileronError of the service itself when it refuses to start
 */
export async function spawnService(home: Home, options: readonly string[] = []): Promise<SpawnedService> {
  home.prepare();
  const logFile = home.path('logs', 'service.log');
  const log = openSync(logFile, 'a', 0o600);
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [...ENGINE_OPTIONS, '--enable-source-maps', main, '--home', home.root, '--json', 'service', ...options],
    {
      detached: true,
      env: ownEnvironment(ENGINE_ENVIRONMENT),
      stdio: ['ignore', 'pipe', log],
    },
  );
  closeSync(log);
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed = `${printed}${text}`.slice(-65_536)));
  const service = await untilReady(home, child, () => printed, logFile);
  child.stdout?.destroy();
  child.unref();
  return { service, process: child, logFile };
}

async function untilReady(
  home: Home,
  child: ChildProcess,
  printed: () => string,
  logFile: string,
): Promise<ServiceFile> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    const service = findService(home);
    if (service?.pid === child.pid) return service as ServiceFile;
    if (child.exitCode !== null || child.signalCode !== null) throw startFailure(printed(), logFile);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  child.kill('SIGKILL');
  throw new AileronError('DEADLINE_EXCEEDED', { waitedFor: 'aileron service', log: logFile });
}

/** The refusal that the service printed as JSON, as an error of this process. */
function startFailure(printed: string, logFile: string): AileronError {
  try {
    const { error } = JSON.parse(printed) as {
      error: { code: AileronError['code']; details: AileronError['details'] };
    };
    return new AileronError(error.code, error.details);
  } catch {
    const tail = readFileSync(logFile, 'utf8').slice(-2_000);
    return new AileronError('UNAVAILABLE', { service: 'aileron service', log: logFile }, { cause: tail });
  }
}

/** Ends a service that this process started, and waits for it. */
export async function stopService(child: ChildProcess, withinMs = 15_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(timer);
}
