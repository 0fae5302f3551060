// Builds, runs every test once, closes with `N passed, N failed, N skipped`. Arguments filter by path: `./aileron test packages/vault`.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runCommand } from './run-command.ts';
import { judgeResult, type JestResult, type Verdict } from './test-verdict.ts';

/** After the results are written nothing is left to do: what still runs then is a leak, and would hold CI for ever. */
const LINGER_MS = 10_000;

async function build(): Promise<boolean> {
  const result = await runCommand(['turbo', 'run', 'build', '--output-logs=errors-only', '--no-update-notifier']);
  if (result.code !== 0) process.stderr.write(result.output);
  return result.code === 0;
}

/** Jest's own exit, and whether it had to be ended because something of a test was still alive. */
function runJest(results: string): Promise<{ lingered: boolean }> {
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--enable-source-maps'];
  const jest = [
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${results}`,
    ...process.argv.slice(2),
  ];
  return new Promise((resolve, reject) => {
    // stdout carries the JSON as well; people read stderr.
    const child = spawn(process.execPath, [...args, ...jest], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    let writtenAt = 0;
    const watch = setInterval(() => {
      if (writtenAt === 0 && existsSync(results)) writtenAt = Date.now();
      if (writtenAt > 0 && Date.now() - writtenAt > LINGER_MS) child.kill('SIGKILL');
    }, 500);
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      clearInterval(watch);
      resolve({ lingered: signal === 'SIGKILL' && writtenAt > 0 });
    });
  });
}

async function test(): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'aileron-test-'));
  try {
    const results = join(folder, 'results.json');
    const { lingered } = await runJest(results);
    const result = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as JestResult) : null;
    const requireAll = ['1', 'true'].includes(process.env['AILERON_REQUIRE_ALL'] ?? '');
    return judgeResult(result, { requireAll, lingered });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const verdict: Verdict = (await build())
  ? await test()
  : { ok: false, reasons: ['the build failed'], line: '0 passed, 1 failed, 0 skipped' };
for (const reason of verdict.reasons) console.log(reason);
console.log(verdict.line);
process.exitCode = verdict.ok ? 0 : 1;
