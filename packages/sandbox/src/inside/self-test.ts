/**
 * Tries, from inside, what the sandbox must deny, and prints a report. Nothing here changes anything where it succeeds: a
 * hole is asked about, never used.
 */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { SelfTestCheck, SelfTestReport, SelfTestTarget } from '../self-test-report.js';
import { INSIDE } from '../sandbox-plan.js';
import { readSessionFile } from './session-file.js';

const ATTEMPT_TIMEOUT_MS = 2_000;
/** Public name servers, by address: nothing is sent when there is no network. */
const PUBLIC_IPV4 = '1.1.1.1';
const PUBLIC_IPV6 = '2606:4700:4700::1111';
/** More than these of ours cannot be there yet: bubblewrap's reaper, the shell, init and this program. */
const MAX_OWN_PROCESSES = 8;

type Outcome = { readonly ok: boolean; readonly detail: string };

const denied = (detail: string): Outcome => ({ ok: true, detail });
const open = (detail: string): Outcome => ({ ok: false, detail });
const verdict = (ok: boolean, detail: string): Outcome => ({ ok, detail });

const status = readFileSync('/proc/self/status', 'utf8');
const statusField = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? 'absent';

function checksFor(
  target: SelfTestTarget,
  descriptors: string,
): Record<SelfTestCheck, () => Outcome | Promise<Outcome>> {
  return {
    user: () =>
      verdict(process.getuid?.() === INSIDE.uid && process.geteuid?.() === INSIDE.uid, `uid ${process.getuid?.()}`),
    capabilities: checkCapabilities,
    'no-new-privileges': () => verdict(statusField('NoNewPrivs') === '1', statusField('NoNewPrivs')),
    'system-call-filter': () => verdict(statusField('Seccomp') === '2', statusField('Seccomp')),
    descriptors: () => checkDescriptors(descriptors),
    interfaces: checkInterfaces,
    tcp: () => tryTcp(PUBLIC_IPV4, 443),
    udp: () => tryUdp(),
    dns: tryDns,
    ipv6: () => tryTcp(PUBLIC_IPV6, 443),
    'host-loopback': () => tryTcp('127.0.0.1', target.hostPort),
    'host-files': () => checkHostFiles(target.hostPaths),
    'host-processes': checkProcesses,
    'kernel-settings': checkKernelSettings,
    'read-only-root': () =>
      checkUnwritable(['/', '/usr', '/etc', '/opt', '/run', INSIDE.platform, INSIDE.runtime, INSIDE.agent]),
    'new-user-namespace': tryUserNamespace,
    proxy: tryProxy,
  };
}

function checkCapabilities(): Outcome {
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'];
  const held = sets.filter((name) => !/^0+$/.test(statusField(name)));
  return verdict(
    held.length === 0,
    held.length === 0 ? 'none' : held.map((name) => `${name} ${statusField(name)}`).join(', '),
  );
}

/** As the shell that started this program saw them: stdin, stdout, stderr, and the folder it was reading. */
function checkDescriptors(seen: string): Outcome {
  const names = seen.split(' ').map((path) => path.slice(path.lastIndexOf('/') + 1));
  return verdict(names.length === 4, names.join(', '));
}

function checkInterfaces(): Outcome {
  const names = Object.keys(networkInterfaces());
  return verdict(
    names.every((name) => name === 'lo'),
    names.join(', '),
  );
}

function tryTcp(host: string, port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ATTEMPT_TIMEOUT_MS });
    const end = (outcome: Outcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => end(open(`connected to ${host} port ${port}`)));
    socket.once('timeout', () => end(open(`packets to ${host} seem to leave: no answer and no error`)));
    socket.once('error', (error: NodeJS.ErrnoException) => end(denied(error.code ?? error.message)));
  });
}

function tryUdp(): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => resolve(denied(error.message)));
    socket.send('aileron self-test', 53, PUBLIC_IPV4, (error) => {
      socket.close();
      resolve(error === null ? open('a datagram was sent') : denied(error.message));
    });
  });
}

async function tryDns(): Promise<Outcome> {
  const resolver = new Resolver({ timeout: ATTEMPT_TIMEOUT_MS, tries: 1 });
  const attempts = [lookup('example.com'), resolver.resolve4('example.com')];
  const results = await Promise.allSettled(attempts);
  const answered = results.some((result) => result.status === 'fulfilled');
  return answered ? open('a name was resolved') : denied('no name server');
}

function checkHostFiles(paths: readonly string[]): Outcome {
  const seen = [...paths, '/root', '/sys', '/var/lib', '/etc/shadow', '/run/docker.sock', '/mnt'].filter((path) =>
    existsSync(path),
  );
  return verdict(
    seen.length === 0,
    seen.length === 0 ? 'none is visible' : `visible: ${seen.join(', ')}`.slice(0, 300),
  );
}

function checkProcesses(): Outcome {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return verdict(processes.length <= MAX_OWN_PROCESSES, `${processes.length} processes`);
}

/** Each runs a program on the host, stops it, or shows its memory, when it can be written by a process of root's uid. */
function checkKernelSettings(): Outcome {
  return checkUnwritable([
    '/proc/sys/kernel/core_pattern',
    '/proc/sys/kernel/modprobe',
    '/proc/sys/vm/panic_on_oom',
    '/proc/sysrq-trigger',
    '/proc/self/oom_score_adj',
    '/proc/mtrr',
  ]);
}

/** access(2) tells of the mount as well as of the mode, and touches nothing. */
function checkUnwritable(paths: readonly string[]): Outcome {
  const writable = paths.filter((path) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
  return verdict(
    writable.length === 0,
    writable.length === 0 ? 'none is writable' : `writable: ${writable.join(', ')}`,
  );
}

function tryUserNamespace(): Outcome {
  const result = spawnSync('/usr/bin/unshare', ['--user', '/bin/true'], { timeout: ATTEMPT_TIMEOUT_MS });
  const missing = result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT';
  // Without the tool there is the filter, checked above, which denies the call.
  if (missing) return denied('unshare(1) is not there to try');
  return result.status === 0 ? open('a user namespace was made') : denied('refused');
}

/** The one way out must be there: the session's own state, through the forwarder. */
function tryProxy(): Promise<Outcome> {
  const session = readSessionFile();
  return new Promise((resolve) => {
    const call = request({
      host: '127.0.0.1',
      port: session.proxyPort,
      path: '/v1/self/status',
      headers: { authorization: `Bearer ${session.token}` },
      agent: new Agent(),
      timeout: 8_000,
    });
    call.once('response', (response) => {
      response.resume();
      resolve(verdict(response.statusCode === 200, `status ${response.statusCode}`));
    });
    call.once('timeout', () => call.destroy(new Error('no answer')));
    call.once('error', (error) => resolve(open(error.message)));
    call.end();
  });
}

const [target = '{}', descriptors = ''] = process.argv.slice(2);
const checks = checksFor(JSON.parse(target) as SelfTestTarget, descriptors);
const report: SelfTestReport = {
  checks: await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const outcome = await Promise.resolve()
        .then(check)
        .catch((error: unknown) => open(`not tried: ${String(error)}`));
      return { name, ok: outcome.ok, detail: outcome.detail.slice(0, 300) };
    }),
  ),
};
process.stdout.write(JSON.stringify(report));
process.exitCode = report.checks.every((check) => check.ok) ? 0 : 1;
