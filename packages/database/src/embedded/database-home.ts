import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import type { ServerAccount } from './server-account.js';
import { SYSTEM_FOLDER } from './server-binaries.js';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS; Postgres adds `/.s.PGSQL.5432`. */
const LONGEST_SOCKET_FOLDER = 85;

/** What a home keeps of its database, 0600: where it is and how to enter. */
const DatabaseSettings = z.strictObject({
  home: z.string().max(4_096),
  folder: z.string().max(4_096),
  adminPassword: z.string().min(32).max(128),
  rolePasswords: z.record(z.string().max(64), z.string().min(32).max(128)),
});
export type DatabaseSettings = z.infer<typeof DatabaseSettings>;

export interface DatabaseHome {
  readonly settings: DatabaseSettings;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly logFile: string;
}

/**
 * The database's folders for a home, made when absent. Under root the data is outside the home, which the server's
 * user cannot enter; it is named by a random number in the home, so that a new home at an old path gets a new database.
 */
export async function openDatabaseHome(input: { home: string; account: ServerAccount | null }): Promise<DatabaseHome> {
  try {
    await mkdir(join(input.home, 'logs'), { recursive: true, mode: 0o700 });
    const home = await realpath(input.home);
    const settings = await readOrCreateSettings(home, input.account);
    await refuseCopiedHome(home, settings);
    if (input.account !== null) await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
    await makePrivateFolder(settings.folder, input.account);
    const socketDirectory = socketFolder(settings.folder);
    await makePrivateFolder(socketDirectory, input.account);
    return {
      settings,
      dataDirectory: join(settings.folder, 'data'),
      socketDirectory,
      logFile: join(home, 'logs/postgres.log'),
    };
  } catch (error) {
    throw unwritable(error, input.home);
  }
}

/** Deletes the data and the settings of a home's database, which has ended. */
export async function removeDatabaseHome(home: string, database: DatabaseHome): Promise<void> {
  await rm(database.settings.folder, { recursive: true, force: true });
  await rm(database.socketDirectory, { recursive: true, force: true });
  await rm(settingsFile(home), { force: true });
}

/** The password of a role, made and kept at its first use. */
export async function rolePassword(home: string, settings: DatabaseSettings, role: string): Promise<string> {
  const known = settings.rolePasswords[role];
  if (known !== undefined) return known;
  const password = newPassword();
  settings.rolePasswords[role] = password;
  await writeSettings(await realpath(home), settings);
  return password;
}

const settingsFile = (home: string) => join(home, 'postgres.json');
const newPassword = () => randomBytes(32).toString('base64url');

async function readOrCreateSettings(home: string, account: ServerAccount | null): Promise<DatabaseSettings> {
  const text = await readFile(settingsFile(home), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return parseSettings(text, home);
  const folder =
    account === null ? join(home, 'postgres') : join(SYSTEM_FOLDER, `db-${randomBytes(8).toString('hex')}`);
  const settings = { home, folder, adminPassword: newPassword(), rolePasswords: {} };
  await writeSettings(home, settings);
  return settings;
}

function parseSettings(text: string, home: string): DatabaseSettings {
  try {
    return DatabaseSettings.parse(JSON.parse(text));
  } catch {
    // Neither the text nor the parser's message: both can hold the password.
    throw new AileronError('CONFIG_INVALID', { file: settingsFile(home) });
  }
}

/** Written beside, synced and renamed: a crash leaves the old passwords or the new ones. */
async function writeSettings(home: string, settings: DatabaseSettings): Promise<void> {
  const draft = `${settingsFile(home)}.new`;
  await writeFile(draft, JSON.stringify(settings, null, 2) + '\n', { mode: 0o600, flush: true });
  await rename(draft, settingsFile(home));
  await syncFolder(home);
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Two homes with one database: a copy of a home that is still there. A moved home keeps its database. */
async function refuseCopiedHome(home: string, settings: DatabaseSettings): Promise<void> {
  if (settings.home === home) return;
  const original = await readFile(settingsFile(settings.home), 'utf8').catch(() => null);
  if (original !== null && parseSettings(original, settings.home).folder === settings.folder) {
    throw new AileronError('HOME_IN_USE', { home: settings.home });
  }
  if (dirname(settings.folder) === settings.home) settings.folder = join(home, 'postgres');
  settings.home = home;
  await writeSettings(home, settings);
}

function socketFolder(folder: string): string {
  const inside = join(folder, 'run');
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_FOLDER) return inside;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `aileron-pg-${name}`);
}

/** A 0700 folder of the server's user; one that somebody else laid there is refused. */
async function makePrivateFolder(path: string, account: ServerAccount | null): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made !== undefined && account !== null) await chown(path, account.uid, account.gid);
  const status = await lstat(path);
  const owner = account?.uid ?? process.getuid?.() ?? status.uid;
  if (!status.isDirectory() || status.uid !== owner) throw new AileronError('HOME_UNWRITABLE', { path });
  await chmod(path, 0o700);
}

function unwritable(error: unknown, home: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const denied = code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EPERM' || code === 'ENOSPC';
  return denied ? new AileronError('HOME_UNWRITABLE', { path: path ?? home }, { cause: error }) : error;
}
