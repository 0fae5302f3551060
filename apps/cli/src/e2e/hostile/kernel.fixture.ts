// Part of a program that is run in a workspace: calls and settings of the kernel.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { type Attempts, found } from './attempt.fixture.js';
import { perl } from './network.fixture.js';

const ARM = process.arch === 'arm64';
/** Numbers for x64 and arm64, and arguments that a kernel which allows the call does not refuse. */
const CALLS: Readonly<Record<string, readonly [x64: number, arm64: number, args: string]>> = {
  'unshare, all name spaces': [272, 97, '0x7e020000'],
  'unshare, users': [272, 97, '0x10000000'],
  mount: [165, 40, '"x", "/tmp", "tmpfs", 0, 0'],
  umount: [166, 39, '"/workspace", 2'],
  pivot_root: [155, 41, '"/tmp", "/tmp"'],
  chroot: [161, 51, '"/tmp"'],
  'open_tree, clone': [428, 428, '-100, "/", 1'],
  fsopen: [430, 430, '"tmpfs", 0'],
  setns: [308, 268, '0, 0x40000000'],
  add_key: [248, 217, '"user", "aileron", "x", 1, -3'],
  'keyctl, new session keyring': [250, 219, '1, 0'],
  'keyctl, possessed by the user': [250, 219, '0, -4, 0'],
  request_key: [249, 218, '"user", "aileron", 0, 0'],
  bpf: [321, 280, '0, "\\0" x 128, 72'],
  perf_event_open: [298, 241, '"\\0" x 128, 0, -1, -1, 0'],
  io_uring_setup: [425, 425, '4, "\\0" x 120'],
  userfaultfd: [323, 282, '0'],
  init_module: [175, 105, '"\\0" x 64, 64, ""'],
  kexec_load: [246, 104, '0, 0, 0, 0'],
  open_by_handle_at: [304, 265, '-100, "\\0" x 64, 0'],
  fanotify_init: [300, 262, '0, 0'],
  swapon: [167, 224, '"/dev/null", 0'],
  acct: [163, 89, '0'],
  syslog: [103, 116, '3, "\\0" x 4096, 4096'],
  settimeofday: [164, 170, '0, pack("ll", 0, 0)'],
  sethostname: [170, 161, '"x", 1'],
  iopl: [172, -1, '3'],
  'a device of the disk': [133, -1, '"/tmp/disk", 0x6180, 0xfe00'],
  'a device of memory': [133, -1, '"/tmp/mem", 0x2180, 0x0101'],
};

const SETTINGS = ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe', '/proc/sys/vm/overcommit_memory'];
const TRIGGERS = ['/proc/sysrq-trigger', '/sys/power/state', '/sys/kernel/uevent_helper', '/sys/kernel/mm/ksm/run'];
const SECRETIVE = [
  '/proc/kcore',
  '/proc/kmsg',
  '/dev/kmsg',
  '/proc/1/mem',
  '/sys/kernel/debug/x',
  '/sys/firmware/dmi/tables/DMI',
];
const HARMLESS_DEVICES = new Set([
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
  'console',
  'ptmx',
  'pts',
  'shm',
  'mqueue',
  'fd',
  'stdin',
  'stdout',
  'stderr',
  'core',
]);

export function kernelAttempts(): Attempts {
  const numbered = Object.entries(CALLS).map(([name, [x64, arm64, args]]) => [name, ARM ? arm64 : x64, args] as const);
  return {
    'system calls': () =>
      found(numbered.filter(([, call, args]) => call >= 0 && succeeds(call, args)).map(([name]) => name)),
    'name spaces by programs': () => {
      const commands = [
        ['unshare', '-Ur', 'true'],
        ['unshare', '-m', 'true'],
        ['unshare', '-n', 'true'],
        ['nsenter', '-t', '1', '-a', 'true'],
      ];
      return found(
        commands
          .filter(([name = '', ...args]) => spawnSync(name, args, { timeout: 5_000 }).status === 0)
          .map((each) => each.join(' ')),
      );
    },
    'settings of the kernel': () =>
      found([...SETTINGS, ...TRIGGERS, ...cgroupFiles()].filter((path) => isOpenFor(path, 'a'))),
    'what the kernel knows': () =>
      found(SECRETIVE.filter((path) => existsSync(path) && isOpenFor(path, 'r') && reads(path))),
    devices: () => found(readdirSync('/dev').filter((name) => !HARMLESS_DEVICES.has(name))),
    'the input of a terminal': () => {
      // TIOCSTI: what is pushed looks typed by whoever owns the terminal. Without a terminal there is nothing to push into.
      const pushed = perl(
        'open(my $t, "+<", "/dev/tty") or exit 1; my $c = " "; exit(defined(ioctl($t, 0x5412, $c)) ? 0 : 1)',
      );
      return pushed ? 'TIOCSTI' : null;
    },
    'writing outside of project, home and temporary folders': () => {
      const folders = [
        '/',
        '/usr',
        '/usr/bin',
        '/etc',
        '/opt',
        '/opt/aileron/bin',
        '/opt/agents',
        '/run',
        '/run/aileron',
        '/var',
        '/lib',
        '/home',
        '/root',
        '/mnt',
        '/sys',
        '/proc',
      ];
      return found(folders.filter((folder) => canWriteIn(folder)));
    },
    'boundless temporary folders': () => {
      const sizes = spawnSync('df', ['--output=size', '-B1', '/tmp', '/var/tmp', '/dev/shm'], {
        encoding: 'utf8',
      }).stdout;
      return found(
        sizes
          .split('\n')
          .slice(1)
          .filter((size) => Number(size) > 2 * 2 ** 30),
      );
    },
  };
}

/** A number is not one of an error. What succeeds is undone by the end of the process. */
const succeeds = (call: number, args: string): boolean =>
  perl(`my @a = (${args}); exit(syscall(${call}, @a) >= 0 ? 0 : 1)`);

const cgroupFiles = (): string[] =>
  ['cgroup.procs', 'pids.max', 'memory.max', 'release_agent'].flatMap((name) => {
    const groups = readFileSync('/proc/self/cgroup', 'utf8')
      .split('\n')
      .map((line) => line.split(':')[2] ?? '');
    return ['', ...groups].map((group) => `/sys/fs/cgroup${group}/${name}`);
  });

function isOpenFor(path: string, flags: 'a' | 'r'): boolean {
  try {
    closeSync(openSync(path, flags));
    return true;
  } catch {
    return false;
  }
}

function reads(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

function canWriteIn(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    writeFileSync(`${folder}/hostile-was-here`, '');
    return true;
  } catch {
    return false;
  }
}
