import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { AileronError } from '@aileron/errors';
import { bubblewrapOptions, DESCRIPTOR, encodeOptions } from './bubblewrap-arguments.js';
import { createCgroup, type CgroupLease, type LimitName } from './limits/cgroup.js';
import { INSIDE, type SandboxPlan, type SharedLimits } from './sandbox-plan.js';
import { seccompFilter } from './seccomp/seccomp-filter.js';

export interface SpawnOptions {
  /** `inherit`: the caller's terminal. `capture`: no input, output as streams. */
  readonly stdio: 'inherit' | 'capture';
  /** The caller's terminal was made for this command alone: it becomes its controlling terminal. Only with `inherit`. */
  readonly onTerminal?: boolean;
  /** Asks the agent to end (SIGTERM), and ends the sandbox a while later. */
  readonly signal: AbortSignal;
  /** Between SIGTERM and the end of the sandbox. Default 5 000. */
  readonly graceMs?: number;
}

export interface SandboxExit {
  /** The agent's own exit code; 128 + n when signal n ended it. */
  readonly code: number;
  readonly stopped: boolean;
}

export interface SandboxProcess {
  readonly pid: number;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Limits that hold for all of the sandbox together; what is missing here is not limited on this host. */
  readonly enforced: ReadonlySet<LimitName>;
  /** Sends a signal to the agent. */
  send(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void;
  /** @throws AileronError SANDBOX_UNAVAILABLE when the agent was never started */
  readonly exited: Promise<SandboxExit>;
}

const DEFAULT_GRACE_MS = 5_000;
const MAX_CONTROL_CHARACTERS = 4_096;

/** Joins the control groups whose files are named, then becomes the rest of the command. */
const JOIN_SCRIPT =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ >"$1" || exit 71; shift; n=$((n - 1)); done; exec "$@"';

/**
 * Limits of each process, then the command. A limit that cannot be lowered is lower already. dash spells -u as -p. NPROC
 * counts within the sandbox alone, because it is set after the user namespace is made; for root it does not count at all.
 */
const limitScript = (plan: SandboxPlan): string =>
  `ulimit -c 0; ulimit -n ${plan.limits.openFiles} 2>/dev/null || :; ` +
  `ulimit -u ${plan.limits.processes} 2>/dev/null || ulimit -p ${plan.limits.processes} 2>/dev/null || :; ` +
  `unset ${EXTRA_CERTIFICATES}; exec "$@"`;

/**
 * Node reads this file on a thread of its own while its program already runs. Init closes inherited descriptors then, and
 * must not close that one under the reader: it starts without the variable, and gives it to the agent.
 */
const EXTRA_CERTIFICATES = 'NODE_EXTRA_CA_CERTS';

/** Starts a command in the sandbox of a plan. It does not prove anything first: `runInSandbox` does. */
export async function spawnInSandbox(
  plan: SandboxPlan,
  argv: readonly string[],
  options: SpawnOptions,
): Promise<SandboxProcess> {
  options.signal.throwIfAborted();
  const optionBytes = encodeOptions(bubblewrapOptions(plan, { onTerminal: options.onTerminal ?? false }));
  const cgroup = plan.sharedLimits === undefined ? await createCgroup(plan.limits) : shared(plan.sharedLimits);
  const init = [
    INSIDE.node,
    `${INSIDE.platform}/lib/init.mjs`,
    String(DESCRIPTOR.control),
    plan.environment[EXTRA_CERTIFICATES] ?? '',
    '--',
    ...argv,
  ];
  const command = ['/bin/sh', '-c', limitScript(plan), 'sh', ...init];
  const bubblewrap = [plan.bubblewrapPath, '--args', String(DESCRIPTOR.arguments), '--', ...command];
  const joins = cgroup.joinPaths;
  const streams =
    options.stdio === 'inherit' ? (['inherit', 'inherit', 'inherit'] as const) : (['ignore', 'pipe', 'pipe'] as const);
  const child = spawn('/bin/sh', ['-c', JOIN_SCRIPT, 'sh', String(joins.length), ...joins, ...bubblewrap], {
    // What bubblewrap and the shell before it see; the agent's own comes through --setenv.
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    // A session of its own: Ctrl-C reaches the launcher, which asks the agent to end; it does not cut bubblewrap down.
    detached: options.onTerminal !== true,
    stdio: [...streams, 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  feed(child, DESCRIPTOR.arguments, optionBytes);
  feed(child, DESCRIPTOR.seccomp, seccompFilter(process.arch === 'arm64' ? 'arm64' : 'x64'));
  feed(child, DESCRIPTOR.session, plan.sessionJson);
  return supervise(child, cgroup, options);
}

function feed(child: ChildProcess, descriptor: number, content: string | Uint8Array): void {
  const stream = descriptorStream(child, descriptor);
  // A bubblewrap that gave up does not read on; its exit tells.
  stream.on('error', () => undefined);
  stream.end(content);
}

function descriptorStream(child: ChildProcess, descriptor: number): Readable & Writable {
  return child.stdio[descriptor] as Readable & Writable;
}

function supervise(child: ChildProcess, cgroup: CgroupLease, options: SpawnOptions): SandboxProcess {
  const control = descriptorStream(child, DESCRIPTOR.control);
  const report = readReport(control);
  const send = (signal: string): void => void (control.writable && control.write(`${signal}\n`));
  let stopped = false;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    stopped = true;
    send('SIGTERM');
    // Killing bubblewrap ends the pid namespace and all in it.
    killTimer = setTimeout(() => child.kill('SIGKILL'), options.graceMs ?? DEFAULT_GRACE_MS);
  };
  const { promise, resolve, reject } = Promise.withResolvers<SandboxExit>();
  const finish = async (settle: () => void): Promise<void> => {
    clearTimeout(killTimer);
    options.signal.removeEventListener('abort', stop);
    await cgroup.remove();
    settle();
  };
  child.once('error', (cause) => void finish(() => reject(notStarted(cause.message, cause))));
  child.once('close', (code, signal) => {
    const started = report() === 'started';
    const exit: SandboxExit = { code: code ?? (signal === 'SIGKILL' ? 137 : 143), stopped };
    void finish(() =>
      started || stopped ? resolve(exit) : reject(notStarted(report() ?? `bubblewrap ended with ${exit.code}`)),
    );
  });
  if (options.signal.aborted) stop();
  else options.signal.addEventListener('abort', stop, { once: true });
  return {
    pid: child.pid ?? 0,
    stdout: child.stdout,
    stderr: child.stderr,
    enforced: enforcedLimits(cgroup),
    send,
    exited: promise,
  };
}

/** Whoever made them removes them. */
const shared = ({ joinPaths, enforced }: SharedLimits): CgroupLease => ({
  directories: [],
  joinPaths,
  enforced: new Set(enforced),
  remove: () => Promise.resolve(),
});

/** The kernel does not count the processes of root, so there RLIMIT_NPROC is no limit. */
function enforcedLimits(cgroup: CgroupLease): ReadonlySet<LimitName> {
  return process.getuid?.() === 0 ? cgroup.enforced : new Set([...cgroup.enforced, 'processes']);
}

/** What init says: `started`, or why not. It comes from inside, so it is bounded and only shown. */
function readReport(control: Readable): () => string | null {
  let text = '';
  control.setEncoding('utf8');
  control.on('data', (chunk: string) => {
    text = (text + chunk).slice(0, MAX_CONTROL_CHARACTERS);
  });
  control.on('error', () => undefined);
  return () => text.split('\n')[0]?.trim() || null;
}

function notStarted(reason: string, cause?: unknown): AileronError {
  return new AileronError('SANDBOX_UNAVAILABLE', { sandbox: 'bwrap', reason: reason.slice(0, 500) }, { cause });
}
