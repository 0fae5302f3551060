import { Client, escapeIdentifier } from 'pg';
import { toDatabaseError } from './database-error.js';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded/embedded-postgres.js';
import { migrate } from './migrate.js';
import { createOwnerRole } from './owner-role.js';
import { MGMT_OWNER } from './owner.js';

const DATABASE = 'aileron';

export interface HomeDatabase {
  /** Connection string of the management plane's role. */
  readonly mgmtUrl: string;
  readonly server: EmbeddedPostgres;
  /** Ends the server. */
  stop(): Promise<void>;
}

/** The database of a home, ready for use: server, database, roles, migrations. */
export async function startHomeDatabase(options: EmbeddedPostgresOptions): Promise<HomeDatabase> {
  const server = await EmbeddedPostgres.start(options);
  try {
    await createDatabase({ adminUrl: server.adminUrl(), name: DATABASE });
    const adminUrl = server.adminUrl(DATABASE);
    await createOwnerRole({ adminUrl, owner: MGMT_OWNER, password: await server.rolePassword(MGMT_OWNER.role) });
    await migrate({ adminUrl, owner: MGMT_OWNER });
    const mgmtUrl = await server.url({ role: MGMT_OWNER.role, database: DATABASE });
    return { mgmtUrl, server, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Makes a database unless it is there; `template`: a copy of that one, which nobody may be connected to. */
export async function createDatabase(input: { adminUrl: string; name: string; template?: string }): Promise<void> {
  const client = new Client({
    connectionString: input.adminUrl,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [input.name]);
    if (rowCount !== 0) return;
    const template = input.template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(input.template)}`;
    await client.query(`CREATE DATABASE ${escapeIdentifier(input.name)}${template}`);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
