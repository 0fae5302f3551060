import { fileURLToPath } from 'node:url';
import { runProgram } from './run-program.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What is measured: the commit, and whether the tree has more than it. */
export async function commitOf(): Promise<string> {
  try {
    const commit = (await runProgram('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'])).trim();
    const changes = await runProgram('git', ['-C', ROOT, 'status', '--porcelain']);
    return changes === '' ? commit : `${commit}-and-changes`;
  } catch {
    return 'unknown';
  }
}
