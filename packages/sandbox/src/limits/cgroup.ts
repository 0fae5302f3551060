import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxLimits } from '../sandbox-plan.js';

export type LimitName = 'processes' | 'memory' | 'cpus';

/** Control groups of one sandbox. */
export interface CgroupLease {
  /** Paths of the groups themselves. */
  readonly directories: readonly string[];
  /** A process that writes its pid into each is held by the limits, with all that it starts. */
  readonly joinPaths: readonly string[];
  readonly enforced: ReadonlySet<LimitName>;
  remove(): Promise<void>;
}

const ROOT = '/sys/fs/cgroup';
const PREFIX = 'aileron-';
/** The kernel's default period. */
const PERIOD_MICROSECONDS = 100_000;
const REMOVE_ATTEMPTS = 40;
const REMOVE_PAUSE_MS = 25;

interface Controller {
  readonly limit: LimitName;
  readonly name: 'pids' | 'memory' | 'cpu';
  readonly v1: (limits: SandboxLimits) => Readonly<Record<string, string>>;
  readonly v2: (limits: SandboxLimits) => Readonly<Record<string, string>>;
}

const CONTROLLERS: readonly Controller[] = [
  {
    limit: 'processes',
    name: 'pids',
    v1: (limits) => ({ 'pids.max': String(limits.processes) }),
    v2: (limits) => ({ 'pids.max': String(limits.processes) }),
  },
  {
    limit: 'memory',
    name: 'memory',
    v1: (limits) => ({ 'memory.limit_in_bytes': String(limits.memoryBytes) }),
    v2: (limits) => ({ 'memory.max': String(limits.memoryBytes), 'memory.swap.max': '0', 'memory.oom.group': '1' }),
  },
  {
    limit: 'cpus',
    name: 'cpu',
    v1: (limits) => ({ 'cpu.cfs_quota_us': String(Math.ceil(limits.cpus * PERIOD_MICROSECONDS)) }),
    v2: (limits) => ({ 'cpu.max': `${Math.ceil(limits.cpus * PERIOD_MICROSECONDS)} ${PERIOD_MICROSECONDS}` }),
  },
];

/**
 * Makes control groups where this user may (root, or a delegated subtree), of version 2 or 1. What could not be limited is
 * missing in `enforced`; the caller says so to the person.
 */
export async function createCgroup(limits: SandboxLimits, name = passingName()): Promise<CgroupLease> {
  const unified = await readable(join(ROOT, 'cgroup.controllers'));
  const made = unified ? await createUnified(name, limits) : await createLegacy(name, limits);
  return {
    directories: made.directories,
    joinPaths: made.directories.map((directory) => join(directory, 'cgroup.procs')),
    enforced: made.enforced,
    remove: async () => {
      for (const directory of made.directories) await removeEmpty(directory);
    },
  };
}

/** Of a group that is swept once its maker is gone. */
const passingName = (): string => `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`;

/** Where this user's groups of a name are, whoever made them. */
export async function findCgroups(name: string): Promise<string[]> {
  const own = await ownPaths();
  const controllers = [...CONTROLLERS.map((controller) => controller.name), ''];
  const parents = controllers.flatMap((controller) => {
    const top = join(ROOT, controller);
    return [top, join(top, own.get(controller) ?? '/'), join(top, own.get(controller) ?? '/', '..')];
  });
  const paths = [...new Set(parents.filter((parent) => parent.startsWith(ROOT)))].map((parent) => join(parent, name));
  const found = await Promise.all(
    paths.map(async (path) => ((await readable(join(path, 'cgroup.procs'))) ? [path] : [])),
  );
  return found.flat();
}

/** Ends everything that runs in groups and removes them. Groups that are gone are no failure. */
export async function endCgroups(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
      // Version 2 ends all of it at once, version 1 one after the other until nothing is born any more.
      if (!(await write(join(directory, 'cgroup.kill'), '1'))) await killMembers(directory);
      if (await isGone(directory)) break;
      await delay(REMOVE_PAUSE_MS);
    }
  }
}

async function killMembers(directory: string): Promise<void> {
  const members = await readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '');
  for (const pid of members
    .split('\n')
    .map(Number)
    .filter((each) => each > 1)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

const isGone = (directory: string): Promise<boolean> =>
  rmdir(directory).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );

interface Made {
  readonly directories: string[];
  readonly enforced: Set<LimitName>;
}

async function createUnified(name: string, limits: SandboxLimits): Promise<Made> {
  const own = (await ownPaths()).get('') ?? '/';
  // Only a group without processes may hand controllers down; the root is the exception.
  for (const parent of [join(ROOT, own, '..'), ROOT]) {
    const made: Made = { directories: [], enforced: new Set() };
    if (!parent.startsWith(ROOT) || !(await makeDirectory(join(parent, name)))) continue;
    made.directories.push(join(parent, name));
    await sweep(parent);
    for (const controller of CONTROLLERS) {
      await write(join(parent, 'cgroup.subtree_control'), `+${controller.name}`);
      if (await applyAll(join(parent, name), controller.v2(limits))) made.enforced.add(controller.limit);
    }
    if (made.enforced.has('processes')) return made;
    await removeEmpty(join(parent, name));
  }
  return { directories: [], enforced: new Set() };
}

async function createLegacy(name: string, limits: SandboxLimits): Promise<Made> {
  const own = await ownPaths();
  const made: Made = { directories: [], enforced: new Set() };
  for (const controller of CONTROLLERS) {
    const parents = [join(ROOT, controller.name, own.get(controller.name) ?? '/'), join(ROOT, controller.name)];
    for (const parent of parents) {
      const directory = join(parent, name);
      if (made.enforced.has(controller.limit) || !(await makeDirectory(directory))) continue;
      await sweep(parent);
      if (await applyAll(directory, controller.v1(limits))) {
        made.directories.push(directory);
        made.enforced.add(controller.limit);
      } else {
        await removeEmpty(directory);
      }
    }
  }
  return made;
}

/** /proc/self/cgroup: `id:controllers:path`, the unified one with no controllers; cgroups(7). */
async function ownPaths(): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const line of (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).split('\n')) {
    const [, controllers, path] = line.split(':');
    if (controllers === undefined || path === undefined || path.includes('..')) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return paths;
}

/** Groups whose maker was killed: it is gone and nothing runs in them. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = /^aileron-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    if (pid !== undefined && !(await readable(`/proc/${pid}/stat`)))
      await rmdir(join(parent, name)).catch(() => undefined);
  }
}

/** The first setting is the limit; the rest make it tighter where the kernel has them. */
async function applyAll(directory: string, settings: Readonly<Record<string, string>>): Promise<boolean> {
  const [limit, ...others] = Object.entries(settings);
  for (const [file, value] of others) await write(join(directory, file), value);
  return limit !== undefined && (await write(join(directory, limit[0]), limit[1]));
}

async function write(path: string, value: string): Promise<boolean> {
  // Never made: a file that is not there is a limit that this kernel does not have.
  return writeFile(path, value, { flag: 'r+' }).then(
    () => true,
    () => false,
  );
}

const makeDirectory = (path: string): Promise<boolean> =>
  mkdir(path).then(
    () => true,
    () => false,
  );

const readable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );

/** The kernel lets go of a group a moment after its last process. */
async function removeEmpty(directory: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
    const error = await rmdir(directory).then(
      () => null,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (error === null || error.code === 'ENOENT') return;
    await delay(REMOVE_PAUSE_MS);
  }
}
