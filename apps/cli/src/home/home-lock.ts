import { closeSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { AileronError } from '@aileron/errors';
import { systemErrorCode } from './system-error.js';

/**
 * A home is held by one service at a time. The lock names its holder by process id and start time, so that a recycled
 * process id does not hold it, and a holder that was killed does not either.
 */
export class HomeLock {
  private constructor(
    private readonly path: string,
    private readonly holder: string,
  ) {}

  /** @throws AileronError HOME_IN_USE with the holder's process id */
  static acquire(path: string): HomeLock {
    const holder = holderOf(process.pid) ?? `${process.pid} 0`;
    const own = `${path}.${process.pid}`;
    const file = openSync(own, 'w', 0o600);
    writeSync(file, holder);
    closeSync(file);
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        try {
          linkSync(own, path);
          return new HomeLock(path, holder);
        } catch (error) {
          if (systemErrorCode(error) !== 'EEXIST') throw error;
          removeIfStale(path);
        }
      }
      throw new AileronError('HOME_IN_USE', { lock: path });
    } finally {
      rmSync(own, { force: true });
    }
  }

  release(): void {
    if (readHolder(this.path) === this.holder) rmSync(this.path, { force: true });
  }
}

/** The process id that holds the lock, when it is alive. */
export function lockHolder(path: string): number | undefined {
  const holder = readHolder(path);
  if (holder === undefined) return undefined;
  const pid = Number(holder.split(' ')[0]);
  return holderOf(pid) === holder ? pid : undefined;
}

function removeIfStale(path: string): void {
  const pid = lockHolder(path);
  if (pid !== undefined) throw new AileronError('HOME_IN_USE', { lock: path, pid });
  rmSync(path, { force: true });
}

function readHolder(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, 64);
  } catch {
    return undefined;
  }
}

/** `pid starttime` of a live process; the start time is field 22 of proc(5) stat. Elsewhere a live process id is enough. */
function holderOf(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${pid} ${fields[19] ?? '0'}`;
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return `${pid} 0`;
  } catch {
    return undefined;
  }
}
