import { readFile, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface WorkspaceUse {
  readonly at: Date;
  /** Of one core, since the look before; 0 at the first. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  /** Null without a limit. */
  readonly memoryLimitBytes: number | null;
  /** Of the file system that the project is on. */
  readonly diskBytes: number;
  readonly processes: number;
}

/** What a control group uses, from its files (cgroups(7), version 2), else of the whole machine. */
export class WorkspaceStats {
  #last: { readonly cpuMicros: number; readonly atMs: number } | null = null;

  constructor(
    private readonly input: {
      /** Null: the machine's. */
      readonly cgroup: string | null;
      readonly directory: string;
      readonly now: () => number;
    },
  ) {}

  async read(): Promise<WorkspaceUse> {
    const { directory, now } = this.input;
    const [group, disk] = await Promise.all([this.#group(), statfs(directory)]);
    const atMs = now();
    const last = this.#last;
    this.#last = { cpuMicros: group.cpuMicros, atMs };
    const spent = last === null ? 0 : (group.cpuMicros - last.cpuMicros) / Math.max(1, (atMs - last.atMs) * 1_000);
    return {
      at: new Date(atMs),
      cpuPercent: Math.max(0, spent * 100),
      memoryBytes: group.memoryBytes,
      memoryLimitBytes: group.memoryLimitBytes,
      diskBytes: (disk.blocks - disk.bfree) * disk.bsize,
      processes: group.processes,
    };
  }

  #group() {
    const { cgroup } = this.input;
    return cgroup === null ? readMachine() : readGroup(cgroup);
  }
}

interface Counters {
  readonly cpuMicros: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number | null;
  readonly processes: number;
}

/** A controller that is not there counts nothing. */
async function readGroup(folder: string): Promise<Counters> {
  const [cpu = '', memory, limit = '', processes] = await Promise.all(
    ['cpu.stat', 'memory.current', 'memory.max', 'pids.current'].map((name) =>
      readFile(join(folder, name), 'utf8').catch(() => ''),
    ),
  );
  return {
    cpuMicros: Number(/^usage_usec (\d+)$/m.exec(cpu)?.[1] ?? 0),
    memoryBytes: Number(memory),
    memoryLimitBytes: /^\d+$/.test(limit.trim()) ? Number(limit) : null,
    processes: Number(processes),
  };
}

const TICK_MICROS = 10_000;

async function readMachine(): Promise<Counters> {
  const [stat, meminfo, entries] = await Promise.all([
    readFile('/proc/stat', 'utf8'),
    readFile('/proc/meminfo', 'utf8'),
    readdir('/proc'),
  ]);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '')
    .split(' ')
    .map(Number);
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0);
  return {
    cpuMicros: (user + nice + system + irq + softirq) * TICK_MICROS,
    memoryBytes: (kib('MemTotal') - kib('MemAvailable')) * 1_024,
    memoryLimitBytes: kib('MemTotal') * 1_024,
    processes: entries.filter((name) => /^\d+$/.test(name)).length,
  };
}
