import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '../measure/bench-result.js';

/** Not in git. */
const FOLDER = fileURLToPath(new URL('../../../data/bench', import.meta.url));

/** Writes the figures and the tables; returns where. */
export function keepResult(result: BenchResult, report: string): string {
  mkdirSync(FOLDER, { recursive: true });
  const name = `${result.at.replaceAll(/[:.]/g, '-')}-${result.commit}`;
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const path = join(FOLDER, `${name}.md`);
  writeFileSync(path, `${report}\n`);
  return path;
}
