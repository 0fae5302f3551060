// Everything CI checks beside tests, in order, all of it even when one fails. `./aileron check`, or a name: `./aileron check lint`.
import { runCommand } from './run-command.ts';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd?: string;
}

const script = (path: string, ...args: readonly string[]) => [process.execPath, `scripts/${path}`, ...args];

const STEPS: readonly Step[] = [
  { name: 'build', command: ['turbo', 'run', 'build', '--output-logs=errors-only', '--no-update-notifier'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'types', command: ['turbo', 'run', 'typecheck', '--output-logs=errors-only', '--no-update-notifier'] },
  { name: 'types of scripts', command: ['tsc', '-p', 'scripts/tsconfig.json'] },
  { name: 'boundaries', command: ['turbo', 'boundaries', '--no-update-notifier'] },
  { name: 'fences', command: script('check-fences.ts') },
  { name: 'unused', command: ['knip', '--no-progress', '--no-config-hints', '--tsConfig', 'tsconfig.build.json'] },
  { name: 'protocol', command: ['buf', 'lint'], cwd: 'packages/contracts' },
  { name: 'docs', command: script('check-docs.ts') },
  { name: 'generated', command: script('generate.ts', '--check') },
];

const wanted = process.argv.slice(2);
const steps = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (steps.length === 0)
  throw new Error(`no such check: ${wanted.join(', ')}. There is ${STEPS.map(({ name }) => name).join(', ')}`);

const failed: string[] = [];
for (const { name, command, cwd } of steps) {
  const started = performance.now();
  const result = await runCommand(command, cwd === undefined ? {} : { cwd });
  const ok = result.code === 0;
  if (!ok) failed.push(name);
  if (!ok) process.stdout.write(`${result.output.trimEnd()}\n`);
  console.log(
    `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(18)} ${((performance.now() - started) / 1_000).toFixed(1)} s`,
  );
}
console.log(
  failed.length === 0 ? `check: ${steps.length} passed` : `check: ${failed.length} failed: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
