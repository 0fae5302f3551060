import { fileURLToPath } from 'node:url';
import { runProgram } from '../machine/run-program.js';
import { timesOf } from './times-of.js';
import type { WorkspaceResult } from './workspace-result.js';

const MAIN = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));

/** `aileron status` against a service that runs, by turns with a Node that does nothing. */
export async function measureProgram(home: string, count: number): Promise<WorkspaceResult['program']> {
  const status: number[] = [];
  const bareNode: number[] = [];
  await timed([MAIN, '--home', home, 'status']);
  for (let turn = 0; turn < count; turn += 1) {
    status.push(await timed([MAIN, '--home', home, 'status']));
    bareNode.push(await timed(['-e', '0']));
  }
  return { status: timesOf(status), bareNode: timesOf(bareNode) };
}

async function timed(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await runProgram(process.execPath, args);
  return performance.now() - startedAt;
}
