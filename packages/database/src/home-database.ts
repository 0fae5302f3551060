import { Client, escapeIdentifier } from 'pg';
import { toDatabaseError } from './database-error.js';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded/embedded-postgres.js';
import { migrate } from './migrate.js';
import { createOwnerRole } from './owner-role.js';
import { type DatabaseOwner, MGMT_OWNER, WORKSPACE_OWNER } from './owner.js';

const DATABASE = 'aileron';

export interface HomeDatabase {
  /** Connection string of the management plane's role. */
  readonly mgmtUrl: string;
  /** Connection string of the workspace-manager's role. */
  readonly workspaceUrl: string;
  /** Of an administrator, for what brings its own schema. */
  readonly adminUrl: string;
  /** Makes a role that owns nothing. Returns its connection string. */
  readonly roleUrl: (role: string) => Promise<string>;
  readonly server: EmbeddedPostgres;
  /** Ends the server. */
  stop(): Promise<void>;
}

/** The database of a home, ready for use: server, database, roles, migrations. */
export async function startHomeDatabase(options: EmbeddedPostgresOptions): Promise<HomeDatabase> {
  const server = await EmbeddedPostgres.start(options);
  try {
    await createDatabase({ adminUrl: server.adminUrl(), name: DATABASE });
    const mgmtUrl = await prepareOwner(server, MGMT_OWNER);
    const workspaceUrl = await prepareOwner(server, WORKSPACE_OWNER);
    const adminUrl = server.adminUrl(DATABASE);
    const roleUrl = async (role: string): Promise<string> => {
      await createOwnerRole({ adminUrl, owner: { role }, password: await server.rolePassword(role) });
      return server.url({ role, database: DATABASE });
    };
    return { mgmtUrl, workspaceUrl, adminUrl, roleUrl, server, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The owner's role and schema. Returns its connection string. */
async function prepareOwner(server: EmbeddedPostgres, owner: DatabaseOwner): Promise<string> {
  const adminUrl = server.adminUrl(DATABASE);
  await createOwnerRole({ adminUrl, owner, password: await server.rolePassword(owner.role) });
  await migrate({ adminUrl, owner });
  return server.url({ role: owner.role, database: DATABASE });
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
