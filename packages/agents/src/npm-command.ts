import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How npm is started here: the one that came with our Node, else the one on PATH. */
export async function npmCommand(nodePath: string): Promise<{ command: string; prefix: readonly string[] }> {
  const ours = join(dirname(dirname(nodePath)), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  try {
    await access(ours, constants.R_OK);
    return { command: nodePath, prefix: [ours] };
  } catch {
    return { command: 'npm', prefix: [] };
  }
}
