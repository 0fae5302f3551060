import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { etcFiles, HOST_ETC_PATHS } from './etc-files.js';
import { INSIDE, type SandboxPlan } from './sandbox-plan.js';

/** Descriptors bubblewrap inherits beside stdin, stdout and stderr. */
export const DESCRIPTOR = { arguments: 3, seccomp: 4, session: 5, control: 6 } as const;

const SHARED_MEMORY_BYTES = 268_435_456;

/**
 * Options of bwrap(1). Passed over a descriptor, so that no token is in a command line that other users of the host can
 * read. The order counts: later mounts lie over earlier ones, and what is remounted read-only must be complete.
 */
export function bubblewrapOptions(plan: SandboxPlan, { onTerminal = false } = {}): string[] {
  return [
    ...namespaces(plan.hostName),
    // Job control needs the terminal it is on to be its own. Elsewhere what is inside could type into the caller's.
    ...(onTerminal ? [] : ['--new-session']),
    ...systemMounts(),
    ...etcMounts(join(plan.stateDirectory, 'etc')),
    ...kernelMounts(plan.limits.temporaryBytes),
    ...sessionMounts(plan),
    // The root itself is a tmpfs of ours.
    '--remount-ro',
    '/',
    '--chdir',
    INSIDE.project,
    ...Object.entries(plan.environment).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}

/** As `--args` reads them. A NUL in a value would begin an option of somebody else's choice. */
export function encodeOptions(options: readonly string[]): string {
  if (options.some((option) => option.includes('\0'))) {
    throw new AileronError('INTERNAL', {}, { cause: new Error('an option of bubblewrap holds NUL') });
  }
  return options.map((option) => `${option}\0`).join('');
}

function namespaces(hostName: string): string[] {
  return [
    ['--unshare-all', '--unshare-user', '--disable-userns'],
    ['--uid', String(INSIDE.uid), '--gid', String(INSIDE.gid)],
    ['--cap-drop', 'ALL', '--die-with-parent', '--hostname', hostName, '--clearenv'],
    ['--seccomp', String(DESCRIPTOR.seccomp)],
  ].flat();
}

/** Programs and libraries of the host, read-only; nothing of /home, /root, /var, /run, /opt, /srv, /mnt. */
function systemMounts(): string[] {
  const linked = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
  // On hosts without merged /usr these are folders of their own; `--ro-bind-try` follows the link where they are not.
  return ['--ro-bind', '/usr', '/usr', ...linked.flatMap((name) => ['--ro-bind-try', `/${name}`, `/${name}`])];
}

function etcMounts(directory: string): string[] {
  const own = Object.keys(etcFiles()).flatMap((name) => ['--ro-bind', join(directory, name), `/etc/${name}`]);
  const host = HOST_ETC_PATHS.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]);
  const settings = ['actions.json', 'tools.txt', 'prompt-hint.txt'].flatMap((name) => {
    return ['--ro-bind', join(directory, name), `${INSIDE.settings}/${name}`];
  });
  return [
    ...own,
    ...host,
    ['--ro-bind', join(directory, 'ca-certificates.crt'), INSIDE.certificates],
    ['--symlink', 'certs/ca-certificates.crt', '/etc/ssl/cert.pem'],
    ...settings,
    ['--perms', '0444', '--ro-bind-data', String(DESCRIPTOR.session), INSIDE.session],
  ].flat();
}

function kernelMounts(temporaryBytes: number): string[] {
  return [
    ['--proc', '/proc'],
    // Started by root, the sandbox is root's user without capabilities, and bubblewrap leaves /proc/sys writable to it:
    // /proc/sys/kernel/core_pattern would run a program on the host. Read-only as a whole there is nothing to forget.
    ['--remount-ro', '/proc'],
    ['--dev', '/dev', '--size', String(SHARED_MEMORY_BYTES), '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ['--perms', '1777', '--size', String(temporaryBytes), '--tmpfs', '/tmp'],
    ['--perms', '1777', '--size', String(temporaryBytes), '--tmpfs', '/var/tmp'],
  ].flat();
}

function sessionMounts(plan: SandboxPlan): string[] {
  return [
    ['--bind', plan.homeDirectory, INSIDE.home],
    ['--bind', plan.projectDirectory, INSIDE.project],
    ['--ro-bind', plan.runtimeDirectory, INSIDE.runtime],
    ['--ro-bind', join(plan.stateDirectory, 'platform'), INSIDE.platform],
    ['--ro-bind', process.execPath, INSIDE.node],
    ['--ro-bind', plan.agentDirectory, INSIDE.agent],
    ...Object.entries(plan.agentDirectories).map(([name, path]) => ['--ro-bind', path, `${INSIDE.agents}/${name}`]),
  ].flat();
}
