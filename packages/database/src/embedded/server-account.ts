import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AileronError } from '@aileron/errors';

const run = promisify(execFile);
const ACCOUNT = 'aileron-postgres';
const TIMEOUT_MS = 10_000;

/** Who the server runs as; `null`: as ourselves. Postgres refuses to run as root, so root gives it a user of its own. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

export async function findServerAccount(): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await readAccount();
  if (existing !== null) return existing;
  const failure = await createAccount();
  const created = await readAccount();
  if (created === null) throw new AileronError('DATABASE_UNAVAILABLE', { account: ACCOUNT }, { cause: failure });
  return created;
}

async function readAccount(): Promise<ServerAccount | null> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, ACCOUNT], { timeout: TIMEOUT_MS })).stdout)),
    );
    return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: uid!, gid: gid! } : null;
  } catch {
    return null;
  }
}

/** Another first start may have made it at the same time: the caller looks again, whatever this says. */
async function createAccount(): Promise<unknown> {
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
  try {
    await run('useradd', [...options, '--shell', '/usr/sbin/nologin', ACCOUNT], { timeout: TIMEOUT_MS });
    return null;
  } catch (error) {
    return error;
  }
}
