// Pages say what is there: links resolve, commands and paths exist, every error is documented and every documented error exists.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_TABLE } from '../packages/errors/dist/index.js';
import { checkErrors } from './docs/check-errors.ts';
import { checkPages } from './docs/check-pages.ts';
import { commandNames } from './docs/command-names.ts';
import { ERROR_DOCS } from './generate/error-docs.ts';
import { ROOT } from './run-command.ts';

const read = (path: string): string | null => {
  const absolute = join(ROOT, path);
  if (!existsSync(absolute)) return null;
  return statSync(absolute).isDirectory() ? '' : readFileSync(absolute, 'utf8');
};
const exclude = (name: string) => ['node_modules', 'dist', '.toolchain', '.git'].includes(name.split('/').at(-1) ?? '');
const paths = globSync('**/*.md', { cwd: ROOT, exclude });
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const pages = paths.map((path) => ({ path, text: read(path) ?? '' }));
const world = { read, scripts: new Set(Object.keys(manifest.scripts)), commands: await commandNames() };
const findings = [...checkPages(pages, world), ...checkErrors(read(ERROR_DOCS), Object.keys(ERROR_TABLE), ERROR_DOCS)];
for (const { path, line, what } of findings) console.error(`${path}:${line}  ${what}`);
console.error(`docs: ${pages.length} pages, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
