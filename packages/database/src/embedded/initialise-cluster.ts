import { execFile } from 'node:child_process';
import { chown, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AileronError } from '@aileron/errors';
import { type DatabaseHome, syncFolder } from './database-home.js';
import type { ServerAccount } from './server-account.js';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

/** The whole environment of the server: none of ours, which may hold secrets. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
export const ADMIN = 'postgres';

export interface InitialiseClusterInput {
  readonly initdb: string;
  readonly home: DatabaseHome;
  readonly account: ServerAccount | null;
  readonly durable: boolean;
}

/** Makes the data directory unless it is there. Made beside and renamed: a crash leaves none, never half of one. */
export async function initialiseCluster({ initdb, home, account, durable }: InitialiseClusterInput): Promise<void> {
  if (await stat(join(home.dataDirectory, 'PG_VERSION')).catch(() => null)) return;
  const folder = home.settings.folder;
  const draft = join(folder, 'data.new');
  const passwordFile = join(folder, 'password.new');
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, home.settings.adminPassword, { mode: 0o600, flag: 'wx' });
  try {
    if (account !== null) await chown(passwordFile, account.uid, account.gid);
    await run(
      initdb,
      [
        `--pgdata=${draft}`,
        `--username=${ADMIN}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--locale=C.UTF-8',
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      { cwd: folder, env: SERVER_ENVIRONMENT, timeout: TIMEOUT_MS, ...account },
    );
    await rename(draft, home.dataDirectory);
    if (durable) await syncFolder(folder);
  } catch (error) {
    throw new AileronError('DATABASE_UNAVAILABLE', { folder }, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}
