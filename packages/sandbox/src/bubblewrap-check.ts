import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AileronError } from '@aileron/errors';

const run = promisify(execFile);

/** Looked for here and nowhere else: what holds the agent is not taken from a PATH. */
const BUBBLEWRAP_PATHS = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap', '/run/current-system/sw/bin/bwrap'];
/** The first with --disable-userns. */
const MINIMUM_VERSION = [0, 8, 0] as const;
const CHECK_TIMEOUT_MS = 10_000;

export interface Bubblewrap {
  readonly path: string;
  readonly version: string;
}

/**
 * That bubblewrap is there, new enough, and may make the namespaces that the sandbox needs.
 * @throws AileronError SANDBOX_UNAVAILABLE with `reason` and `remedy`
 */
export async function checkBubblewrap(options: { paths?: readonly string[] } = {}): Promise<Bubblewrap> {
  if (process.platform !== 'linux') {
    throw unavailable(
      `bubblewrap needs Linux; this is ${process.platform}.`,
      'Run Aileron on Linux, or in a Linux VM.',
    );
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw unavailable(`There is no system call filter for ${process.arch}.`, 'Use an x86-64 or arm64 machine.');
  }
  const path = await findBubblewrap(options.paths ?? BUBBLEWRAP_PATHS);
  const version = await readVersion(path);
  await tryNamespaces(path);
  return { path, version };
}

async function findBubblewrap(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // The next place.
    }
  }
  throw unavailable(
    'bubblewrap is not installed.',
    'Install it: `apt-get install bubblewrap` (Debian, Ubuntu), `dnf install bubblewrap`, `apk add bubblewrap`.',
  );
}

async function readVersion(path: string): Promise<string> {
  const { stdout } = await run(path, ['--version'], { timeout: CHECK_TIMEOUT_MS }).catch((cause: unknown) => {
    throw unavailable(`${path} does not start.`, 'Install bubblewrap again.', cause);
  });
  const version = /(\d+)\.(\d+)\.(\d+)/.exec(stdout);
  const parts = version?.slice(1).map(Number) ?? [0, 0, 0];
  const text = parts.join('.');
  const difference =
    MINIMUM_VERSION.map((minimum, index) => (parts[index] ?? 0) - minimum).find((each) => each !== 0) ?? 0;
  if (difference < 0) {
    throw unavailable(`bubblewrap ${text} cannot forbid new user namespaces.`, 'Install bubblewrap 0.8.0 or later.');
  }
  return text;
}

/** The same namespaces as the real run, around a program that does nothing. */
async function tryNamespaces(path: string): Promise<void> {
  const namespaces = ['--unshare-all', '--unshare-user', '--disable-userns', '--uid', '1000', '--gid', '1000'];
  const rest = [
    '--cap-drop',
    'ALL',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--',
    '/bin/sh',
    '-c',
    ':',
  ];
  try {
    await run(path, [...namespaces, ...rest], { timeout: CHECK_TIMEOUT_MS });
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().slice(0, 300) : '';
    const { reason, remedy } = await explainRefusal();
    throw unavailable(`${reason} bubblewrap says: ${stderr === '' ? 'nothing' : stderr}`, remedy, cause);
  }
}

const SWITCHES = [
  {
    path: '/proc/sys/kernel/unprivileged_userns_clone',
    closed: '0',
    remedy: 'Enable them: `sysctl -w kernel.unprivileged_userns_clone=1`.',
  },
  {
    path: '/proc/sys/user/max_user_namespaces',
    closed: '0',
    remedy: 'Enable them: `sysctl -w user.max_user_namespaces=15000`.',
  },
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    closed: '1',
    remedy:
      'Allow bubblewrap an AppArmor profile with `userns,` in /etc/apparmor.d, or `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`.',
  },
] as const;

async function explainRefusal(): Promise<{ reason: string; remedy: string }> {
  for (const each of SWITCHES) {
    const value = await readFile(each.path, 'utf8').catch(() => '');
    if (value.trim() === each.closed) {
      return {
        reason: `This host does not permit user namespaces (${each.path} is ${each.closed}).`,
        remedy: each.remedy,
      };
    }
  }
  return {
    reason: 'This host does not permit the namespaces that the sandbox needs.',
    remedy: 'In a container, run it with a seccomp profile that allows user namespaces and with an unmasked /proc.',
  };
}

function unavailable(reason: string, remedy: string, cause?: unknown): AileronError {
  return new AileronError('SANDBOX_UNAVAILABLE', { sandbox: 'bwrap', reason, remedy }, { cause });
}
