import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { readFacts, type SourceFacts } from './source-facts.ts';

export interface WorkspacePackage {
  /** Relative to the root, `/` between parts. `scripts` is one too. */
  readonly folder: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** Sources that package.json exports or runs. */
  readonly doors: readonly string[];
}

export interface SourceFile extends SourceFacts {
  /** Relative to the root. */
  readonly path: string;
  readonly package: WorkspacePackage;
  /** Tests and what only tests import. */
  readonly isTest: boolean;
}

const NOT_OURS = new Set(['node_modules', 'dist', 'gen', 'generated']);

/** Every package and every source file of ours below `root`. */
export function readWorkspace(root: string): { packages: WorkspacePackage[]; files: SourceFile[] } {
  const folders = ['apps', 'packages', 'packages/connectors'].flatMap((parent) => foldersIn(root, parent));
  const packages = folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => readPackage(root, folder));
  if (existsSync(join(root, 'scripts')))
    packages.push({ folder: 'scripts', name: 'scripts', tags: ['tooling'], doors: [] });
  return { packages, files: packages.flatMap((owner) => readFiles(root, owner)) };
}

function foldersIn(root: string, parent: string): string[] {
  if (!existsSync(join(root, parent))) return [];
  const entries = readdirSync(join(root, parent), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${parent}/${entry.name}`);
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const manifest = readJson(join(root, folder, 'package.json'));
  const turbo = existsSync(join(root, folder, 'turbo.json')) ? readJson(join(root, folder, 'turbo.json')) : {};
  const targets = strings([manifest['exports'], manifest['bin'], manifest['main']]).filter((target) =>
    target.endsWith('.js'),
  );
  const doors = targets.map(
    (target) =>
      `${folder}/${target
        .replace(/^\.\//, '')
        .replace(/^dist\//, 'src/')
        .replace(/\.js$/, '.ts')}`,
  );
  return { folder, name: String(manifest['name']), tags: strings(turbo['tags']), doors: [...new Set(doors)] };
}

function readFiles(root: string, owner: WorkspacePackage): SourceFile[] {
  const from = owner.folder === 'scripts' ? owner.folder : `${owner.folder}/src`;
  return sourcesBelow(join(root, from)).map((absolute) => {
    const path = relative(root, absolute).split(sep).join('/');
    return { ...readFacts(path, readFileSync(absolute, 'utf8')), path, package: owner, isTest: isTest(path) };
  });
}

const isTest = (path: string) =>
  /\.(test|fixture|test-support)\.tsx?$/.test(path) || path.startsWith('packages/testing/');

function sourcesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return /\.(m|c)?tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** Every string anywhere inside. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}
