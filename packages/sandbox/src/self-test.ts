import { createServer, type AddressInfo, type Server } from 'node:net';
import { homedir } from 'node:os';
import type { Readable } from 'node:stream';
import { AileronError } from '@aileron/errors';
import { INSIDE, type SandboxPlan } from './sandbox-plan.js';
import { spawnInSandbox } from './sandbox-process.js';
import { SELF_TEST_CHECKS, SelfTestReport, type SelfTestTarget } from './self-test-report.js';

const TIMEOUT_MS = 20_000;
const MAX_REPORT_CHARACTERS = 65_536;

/** The shell looks at its descriptors before Node, which opens its own and marks what it inherits. */
const PROBE_SCRIPT = `exec ${INSIDE.node} "$1" "$2" "$(echo /proc/self/fd/*)"`;

/**
 * Runs a program in the sandbox of a plan that tries what must fail, and reads its report. The launcher listens on the
 * host's loopback meanwhile: a connection that arrives there fails the test whatever the report says.
 * @throws AileronError SANDBOX_UNAVAILABLE naming each failed check
 */
export async function selfTest(plan: SandboxPlan, options: { signal: AbortSignal }): Promise<SelfTestReport> {
  let reached = 0;
  const listener = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  try {
    const report = await runProbe(
      plan,
      await listen(listener),
      AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    );
    const failures = SELF_TEST_CHECKS.flatMap((name) => {
      const check = report.checks.find((each) => each.name === name);
      return check?.ok === true ? [] : [`${name}: ${check?.detail ?? 'not reported'}`];
    });
    if (reached > 0) failures.push("host-loopback: a connection arrived on the host's loopback");
    if (failures.length > 0) throw failed(failures);
    return report;
  } finally {
    listener.close();
  }
}

async function runProbe(plan: SandboxPlan, hostPort: number, signal: AbortSignal): Promise<SelfTestReport> {
  const target: SelfTestTarget = { hostPort, hostPaths: hostPaths(plan) };
  const argv = ['/bin/sh', '-c', PROBE_SCRIPT, 'sh', `${INSIDE.platform}/lib/self-test.mjs`, JSON.stringify(target)];
  const probe = await spawnInSandbox(plan, argv, { stdio: 'capture', signal, graceMs: 500 });
  const [output, complaints, exit] = await Promise.all([collect(probe.stdout), collect(probe.stderr), probe.exited]);
  if (exit.stopped) throw failed([`the self-test did not finish within ${TIMEOUT_MS / 1_000} seconds`]);
  try {
    return SelfTestReport.parse(JSON.parse(output));
  } catch (cause) {
    throw failed([`no report, exit code ${exit.code}: ${complaints.trim().slice(0, 300)}`], cause);
  }
}

/** A host user who is called `agent` has a home where the sandbox has one of its own. */
const hostPaths = (plan: SandboxPlan): string[] =>
  [homedir(), plan.stateDirectory, plan.runtimeDirectory].filter((path) => path !== INSIDE.home);

function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen({ host: '127.0.0.1', port: 0 }, () => resolve((server.address() as AddressInfo).port));
  return promise;
}

async function collect(stream: Readable | null): Promise<string> {
  let text = '';
  if (stream === null) return text;
  stream.setEncoding('utf8');
  for await (const chunk of stream) text = (text + String(chunk)).slice(0, MAX_REPORT_CHARACTERS);
  return text;
}

function failed(failures: readonly string[], cause?: unknown): AileronError {
  const reason = 'The self-test of the sandbox failed; nothing was started.';
  return new AileronError('SANDBOX_UNAVAILABLE', { sandbox: 'bwrap', reason, failures: [...failures] }, { cause });
}
