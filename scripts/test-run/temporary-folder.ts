import { chmodSync, globSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Short: a path of a Unix socket has at most 107 bytes, and tests make theirs below it. */
const NAME = /^ajt-([0-9a-z]+)$/;
/** Where a test has a home with a database. */
const HOMES = ['*/postgres.json', '*/*/postgres.json', '*/*/*/postgres.json'];

/** The temporary folder of a run of tests, in `parent`. What runs that are no more left behind is removed first. */
export async function makeTemporaryFolder(parent: string, pid: number): Promise<string> {
  const folder = join(parent, `ajt-${pid.toString(36)}`);
  for (const name of readdirSync(parent)) {
    const owner = Number.parseInt(NAME.exec(name)?.[1] ?? '', 36);
    if (owner > 0 && (owner === pid || !isAlive(owner)) && isOurs(join(parent, name))) {
      await removeTemporaryFolder(join(parent, name));
    }
  }
  mkdirSync(folder);
  // As /tmp is: services under test run as other users too.
  chmodSync(folder, 0o1777);
  return folder;
}

/** Never throws: what cannot be removed now, since something still writes there, the next run removes. */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  try {
    await destroyDatabases(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch (error) {
    console.error(`${folder} is left: ${String(error)}`);
  }
}

/** Of tests that were killed: as root the files of a database are not in its home, and its server may run still. */
async function destroyDatabases(folder: string): Promise<void> {
  const homes = globSync(HOMES, { cwd: folder }).map((path) => dirname(join(folder, path)));
  if (homes.length === 0) return;
  const { EmbeddedPostgres } = await import('../../packages/database/dist/index.js');
  for (const home of homes) {
    await EmbeddedPostgres.destroyLeft(home).catch((error: unknown) => console.error(`${home}: ${String(error)}`));
  }
}

/** Anybody can make one of this name in /tmp, and what stands in it is followed. */
function isOurs(folder: string): boolean {
  const status = lstatSync(folder);
  return status.isDirectory() && status.uid === process.getuid?.();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
