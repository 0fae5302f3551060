import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { toDatabaseError } from './database-error.js';
import type { DatabaseOwner } from './owner.js';

export interface CreateOwnerRoleOptions {
  /** Connection string of an administrator to the owner's database. */
  readonly adminUrl: string;
  readonly owner: Pick<DatabaseOwner, 'role'>;
  readonly password: string;
}

/**
 * The login role of an owner, with this password: made or reset, without any right but to connect to this database.
 * What it may do inside is in the owner's grants file.
 */
export async function createOwnerRole({ adminUrl, owner, password }: CreateOwnerRoleOptions): Promise<void> {
  const role = escapeIdentifier(owner.role);
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ database: string; exists: boolean }>(
      'SELECT current_database() AS database, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS exists',
      [owner.role],
    );
    const { database, exists } = rows[0]!;
    const limits = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
    await client.query(
      `${exists ? 'ALTER' : 'CREATE'} ROLE ${role} WITH ${limits} PASSWORD ${escapeLiteral(password)}`,
    );
    await client.query(`REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${role}`);
    await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
