import { openDatabaseHome, removeDatabaseHome } from './database-home.js';
import { findServerAccount } from './server-account.js';

/** Folder that holds the database files of a home. */
export async function homeDatabaseDirectory(home: string): Promise<string> {
  const { dataDirectory } = await openDatabaseHome({ home, account: await findServerAccount() });
  return dataDirectory;
}

/** Deletes the database of a home whose server has ended. */
export async function removeHomeDatabase(home: string): Promise<void> {
  await removeDatabaseHome(home, await openDatabaseHome({ home, account: await findServerAccount() }));
}
