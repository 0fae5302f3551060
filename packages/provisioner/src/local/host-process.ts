import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * A process of this machine. Its number alone may be another's tomorrow: with the time it started at, in clock ticks since
 * `bootId`'s boot, it is this one.
 */
export const HostProcess = z.strictObject({
  pid: z.int().min(2),
  startedAt: z.string().regex(/^\d{1,20}$/),
  bootId: z.string().min(1).max(64),
});
export type HostProcess = z.infer<typeof HostProcess>;

interface Status {
  readonly startedAt: string;
  readonly parent: number;
  readonly isZombie: boolean;
}

/** proc_pid_stat(5): the name in parentheses may hold anything, so what counts comes after the last one. */
function statusOf(pid: number): Status | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { startedAt: fields[19] ?? '', parent: Number(fields[1]), isZombie: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return null;
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Null when it is gone already. */
export function identify(pid: number): HostProcess | null {
  const status = statusOf(pid);
  return status === null ? null : { pid, startedAt: status.startedAt, bootId: bootId() };
}

export function isRunning(process: HostProcess): boolean {
  const status = statusOf(process.pid);
  return status !== null && !status.isZombie && status.startedAt === process.startedAt && bootId() === process.bootId;
}

/** Nothing happens once it is gone. */
export function signalTo(target: HostProcess, signal: NodeJS.Signals): void {
  if (!isRunning(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // It ended in between.
  }
}

/** A process and all that it started, as far as they still hang together. */
export function withDescendants(roots: readonly HostProcess[]): HostProcess[] {
  const children = Map.groupBy(allProcesses(), ({ parent }) => parent);
  const found = new Map<number, HostProcess>();
  const queue = roots.filter(isRunning);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next.pid)) continue;
    found.set(next.pid, next);
    queue.push(...(children.get(next.pid) ?? []).flatMap(({ pid }) => identify(pid) ?? []));
  }
  return [...found.values()];
}

/** Those in whose command line one argument is exactly this. */
export function namedInCommandLine(argument: string): HostProcess[] {
  return allProcesses().flatMap(({ pid }) => {
    if (pid === process.pid) return [];
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return argv.includes(argument) ? (identify(pid) ?? []) : [];
    } catch {
      return [];
    }
  });
}

function allProcesses(): { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    const status = /^[1-9]\d*$/.test(name) ? statusOf(Number(name)) : null;
    return status === null ? [] : [{ pid: Number(name), parent: status.parent }];
  });
}
