import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { run, type TestEngine } from './docker-engine.js';
import { underLock } from './file-lock.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What is made once a machine: a run's own folder for temporary files goes with it. */
const KEPT = join(homedir(), '.cache/aileron/test-images');
const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const PACKAGES = 'git,ca-certificates';
const BUILD_MS = 400_000;
const BASE = 'aileron-test/base:latest';
const IMAGE = 'aileron/workspace:test';
const MOST_KEPT = 2;
/** Everything that the image is made of. */
const SOURCES = ['images/workspace', 'scripts/build-images.ts', 'scripts/image.ts', 'pnpm-lock.yaml'];

/**
 * The image of a workspace on a base made by debootstrap, built as `pnpm images` does; the same again is loaded as it was.
 * @returns its name
 */
export async function workspaceImage(engine: TestEngine, tag = IMAGE): Promise<string> {
  await mkdir(KEPT, { recursive: true });
  // Whoever comes second waits, and has less to do.
  await underLock(join(KEPT, 'lock'), BUILD_MS, async () => {
    const kept = join(KEPT, `workspace-${await keyOfSources()}.tar`);
    if (existsSync(kept)) await docker(engine, 'load', '--quiet', '--input', kept);
    else await build(engine, kept);
  });
  if (tag !== IMAGE) await docker(engine, 'tag', IMAGE, tag);
  return tag;
}

async function build(engine: TestEngine, kept: string): Promise<void> {
  await docker(engine, 'import', await debianBase(), BASE);
  const context = join(engine.directory, 'context');
  const args = ['--base', BASE, '--network', 'host', '--tag', IMAGE, '--context', context];
  await run(process.execPath, [join(ROOT, 'scripts/build-images.ts'), ...args], { ...options(engine), cwd: ROOT });
  await rm(context, { recursive: true, force: true });
  await docker(engine, 'save', '--output', `${kept}.new`, IMAGE, BASE);
  await rename(`${kept}.new`, kept);
  await removeOld();
}

async function removeOld(): Promise<void> {
  const names = (await readdir(KEPT)).filter((name) => name.startsWith('workspace-'));
  const images = await Promise.all(
    names.map(async (name) => ({ path: join(KEPT, name), at: (await stat(join(KEPT, name))).mtimeMs })),
  );
  for (const { path } of images.toSorted((a, b) => b.at - a.at).slice(MOST_KEPT)) await rm(path, { force: true });
}

const options = (engine: TestEngine) => ({
  timeout: BUILD_MS,
  env: { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' },
  maxBuffer: 64 << 20,
});

const docker = (engine: TestEngine, ...args: string[]) => run('docker', args, options(engine));

async function keyOfSources(): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.arch} ${SUITE} ${MIRROR} ${PACKAGES}`);
  const parts = await withDependencies(['apps/workspace-runtime', 'apps/workspace-terminal', 'packages/sandbox']);
  const places = [...SOURCES, ...[...parts].map((folder) => `${folder}/dist`)].map((place) => join(ROOT, place));
  for (const path of (await Promise.all(places.map(filesOf))).flat().toSorted()) {
    hash.update(relative(ROOT, path)).update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 24);
}

const Manifest = z.object({ dependencies: z.record(z.string(), z.string()).optional() });

/** The folders of packages of ours, with those that they need. */
async function withDependencies(folders: readonly string[], known = new Set<string>()): Promise<Set<string>> {
  for (const folder of folders.filter((each) => !known.has(each))) {
    known.add(folder);
    const text = await readFile(join(ROOT, folder, 'package.json'), 'utf8');
    const names = Object.keys(Manifest.parse(JSON.parse(text)).dependencies ?? {});
    const ours = names.flatMap((name) => (name.startsWith('@aileron/') ? [`packages/${name.slice(9)}`] : []));
    await withDependencies(ours, known);
  }
  return known;
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  if (entries === null) return [path];
  const files = entries.filter((entry) => entry.isFile() && !/\.d\.ts$|\.map$/.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name));
}

/** A tar of a small Debian, made once a machine. */
async function debianBase(): Promise<string> {
  const key = createHash('sha256').update(`1 ${SUITE} ${MIRROR} ${PACKAGES}`).digest('hex').slice(0, 16);
  const path = join(KEPT, `debian-${key}.tar`);
  if (existsSync(path)) return path;
  const directory = await mkdtemp(join(KEPT, 'debootstrap-'));
  try {
    const root = join(directory, 'root');
    const args = ['--variant=minbase', `--include=${PACKAGES}`, SUITE, root, MIRROR];
    const bounds = { timeout: BUILD_MS, maxBuffer: 64 << 20 };
    await run('debootstrap', args, bounds).catch(async (cause: unknown) => {
      const log = await readFile(join(root, 'debootstrap/debootstrap.log'), 'utf8').catch(() => '');
      throw new Error(`debootstrap failed\n${log.slice(-4_000)}`, { cause });
    });
    const tar = join(directory, 'base.tar');
    const without = ['--exclude=./var/cache/apt/*', '--exclude=./var/lib/apt/lists/*'];
    await run('tar', ['-C', root, ...without, '-cf', tar, '.'], bounds);
    await rename(tar, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return path;
}
