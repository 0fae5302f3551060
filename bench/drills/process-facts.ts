import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for what it tells programs: proc(5). */
const TICKS_PER_SECOND = 100;

/** Undefined: there is no such process, or it is dead and only waits to be collected. */
function fieldsOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields;
  } catch {
    return undefined;
  }
}

export const isAlive = (pid: number): boolean => fieldsOf(pid) !== undefined;

/** When the process was started, ms since the epoch, to 10 ms. */
export function startedAt(pid: number): number | undefined {
  const ticks = Number(fieldsOf(pid)?.[19]);
  const uptimeSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  if (!Number.isFinite(ticks)) return undefined;
  return Date.now() - (uptimeSeconds - ticks / TICKS_PER_SECOND) * 1_000;
}
