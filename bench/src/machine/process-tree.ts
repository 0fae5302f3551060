import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/<pid>/stat: USER_HZ, which Linux fixes at 100 for what it shows (man 5 proc). */
const TICKS_PER_SECOND = 100;

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Its own and that of the children it has waited for, µs. */
  readonly cpuMicros: number;
}

/** One line of /proc/<pid>/stat. The name in it may hold spaces and brackets: fields count from its end. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: Number.parseInt(line, 10), parent: field(4), cpuMicros: (ticks * 1_000_000) / TICKS_PER_SECOND };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** Those of the roots that live, and all below them. */
export function processTree(roots: readonly number[]): ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readText(`/proc/${name}/stat`) ?? [])
    .map(parseStat);
  const wanted = new Set(roots);
  for (let grown = -1; grown !== wanted.size;) {
    grown = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  return all.filter(({ pid }) => wanted.has(pid));
}

export const cpuMicrosOf = (roots: readonly number[]): number =>
  processTree(roots).reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);

/** Proportional resident memory: a page that several share is counted once. Bytes. */
export function memoryOf(roots: readonly number[]): number {
  return processTree(roots).reduce((sum, { pid }) => {
    const text = readText(`/proc/${pid}/smaps_rollup`) ?? '';
    return sum + Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1_024;
  }, 0);
}

export interface ThreadTimes {
  /** The thread that runs JavaScript, µs. */
  readonly main: number;
  /** libuv's pool: files, WebCrypto. */
  readonly pool: number;
  /** V8's workers: garbage, compiler. */
  readonly engine: number;
}

/** CPU of one process by thread, µs. */
export function threadTimes(pid: number): ThreadTimes {
  const times = { main: 0, pool: 0, engine: 0 };
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const micros = Number(readText(`/proc/${pid}/task/${task}/schedstat`)?.split(' ')[0] ?? 0) / 1_000;
    if (task === String(pid)) times.main += micros;
    else if (readText(`/proc/${pid}/task/${task}/comm`)?.startsWith('libuv')) times.pool += micros;
    else times.engine += micros;
  }
  return times;
}
