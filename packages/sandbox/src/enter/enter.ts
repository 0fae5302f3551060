/**
 * Puts one command into the sandbox of a plan: `enter.mjs <file of the plan> -- <command…>`. Standard streams are the
 * caller's, a terminal too; signals go to the command; the exit code is the command's. Nothing inside outlives this process,
 * and it does not outlive who started it.
 */
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { passedEnvironment } from './passed-environment.js';
import type { SandboxPlan } from '../sandbox-plan.js';
import { spawnInSandbox } from '../sandbox-process.js';

const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;
const LOOK_FOR_PARENT_MS = 500;
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

async function main(planFile: string, argv: readonly string[]): Promise<number> {
  const parent = process.ppid;
  // On a terminal Ctrl-C goes to what is in its foreground; this process only must not end by it.
  const onTerminal = isatty(0);
  const early: (typeof SIGNALS)[number][] = [];
  let send = (signal: (typeof SIGNALS)[number]): void => void early.push(signal);
  for (const signal of SIGNALS) process.on(signal, () => void ((signal === 'SIGINT' && onTerminal) || send(signal)));
  const plan = JSON.parse(readFileSync(planFile, 'utf8')) as SandboxPlan;
  const environment = passedEnvironment(process.env, plan.environment);
  const child = await spawnInSandbox({ ...plan, environment }, argv, {
    stdio: 'inherit',
    onTerminal,
    signal: new AbortController().signal,
  });
  send = child.send;
  early.forEach(send);
  // Its death takes the sandbox along (--die-with-parent).
  setInterval(() => void (process.ppid !== parent && process.kill(process.pid, 'SIGKILL')), LOOK_FOR_PARENT_MS).unref();
  return (await child.exited).code;
}

const [planFile, separator, ...argv] = process.argv.slice(2);
if (planFile === undefined || separator !== '--' || argv.length === 0) {
  process.stderr.write('usage: enter <file of the plan> -- <command…>\n');
  process.exitCode = EXIT_USAGE;
} else {
  try {
    process.exitCode = await main(planFile, argv);
  } catch (error) {
    process.stderr.write(
      `aileron: the sandbox cannot be entered: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = EXIT_UNAVAILABLE;
  }
}
