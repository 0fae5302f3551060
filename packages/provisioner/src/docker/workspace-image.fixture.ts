import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type TestEngine } from './docker-engine.fixture.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const PACKAGES = 'git,ca-certificates';
const BUILD_MS = 400_000;

/** Builds the image of a workspace on a base made by debootstrap, as `pnpm images` does. */
export async function buildWorkspaceImage(engine: TestEngine): Promise<string> {
  const environment = { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' };
  const options = { timeout: BUILD_MS, env: environment, maxBuffer: 64 << 20 };
  await run('docker', ['import', await debianBase(), 'aileron-test/base:latest'], options);
  const tag = 'aileron/workspace:test';
  const script = join(ROOT, 'scripts/build-images.ts');
  const context = join(engine.directory, 'context');
  const args = [script, '--base', 'aileron-test/base:latest', '--network', 'host', '--tag', tag, '--context', context];
  await run(process.execPath, args, { ...options, cwd: ROOT });
  await rm(context, { recursive: true, force: true });
  return tag;
}

/** A tar of a small Debian, made once a machine. */
async function debianBase(): Promise<string> {
  const key = createHash('sha256').update(`1 ${SUITE} ${MIRROR} ${PACKAGES}`).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `aileron-debian-${key}.tar`);
  if (existsSync(path)) return path;
  const directory = await mkdtemp(join(tmpdir(), 'aileron-debootstrap-'));
  try {
    const root = join(directory, 'root');
    const args = ['--variant=minbase', `--include=${PACKAGES}`, SUITE, root, MIRROR];
    const options = { timeout: BUILD_MS, maxBuffer: 64 << 20 };
    await run('debootstrap', args, options).catch(async (cause: unknown) => {
      const log = await readFile(join(root, 'debootstrap/debootstrap.log'), 'utf8').catch(() => '');
      throw new Error(`debootstrap failed\n${log.slice(-4_000)}`, { cause });
    });
    const tar = join(directory, 'base.tar');
    await run(
      'tar',
      ['-C', root, '--exclude=./var/cache/apt/*', '--exclude=./var/lib/apt/lists/*', '-cf', tar, '.'],
      options,
    );
    await rename(tar, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return path;
}
