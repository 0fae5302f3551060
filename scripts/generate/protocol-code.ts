import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runCommand } from '../run-command.ts';
import type { GeneratedFile } from './generated-file.ts';

const CONTRACTS = 'packages/contracts';
/** Everything below belongs to the generator: what it does not write any more is deleted. */
export const PROTOCOL_FOLDER = `${CONTRACTS}/src/gen`;

/** What `buf generate` makes of the protocol files, in a folder of its own. */
export async function protocolCode(): Promise<GeneratedFile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'aileron-generate-'));
  try {
    const result = await runCommand(['buf', 'generate', '--output', folder], { cwd: join(ROOT, CONTRACTS) });
    if (result.code !== 0) throw new Error(`buf generate failed:\n${result.output}`);
    const files = filesBelow(join(folder, 'src/gen')).map((path) => ({
      path: `${PROTOCOL_FOLDER}/${path}`,
      text: readFileSync(join(folder, 'src/gen', path), 'utf8'),
    }));
    if (files.length === 0) throw new Error('buf generate wrote nothing');
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Paths below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
