import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testDatabase } from '@aileron/testing';
import { Pool } from 'pg';

/** A service's schema with the tables of this package, and what its own role may do with them. */
export interface ServiceSchema {
  readonly schema: string;
  /** Of the service's role. */
  readonly databaseUrl: string;
  /** Of an administrator. */
  readonly adminUrl: string;
  readonly pool: Pool;
  drop(): Promise<void>;
}

const SCHEMA = 'test_service';
const ROLE = 'aileron_mgmt';

export async function createServiceSchema(): Promise<ServiceSchema> {
  const database = await testDatabase();
  const tables = await Promise.all(
    ['outbox.sql', 'job-schedule.sql'].map((file) => readFile(join(import.meta.dirname, '../sql', file), 'utf8')),
  );
  // The server ends when the last test drops its database; connections that are closing hear of it.
  const unheard = (): void => undefined;
  const admin = new Pool({ connectionString: database.adminUrl, max: 1 }).on('error', unheard);
  await admin.query(`
    CREATE SCHEMA ${SCHEMA};
    SET search_path TO ${SCHEMA};
    ${tables.join('\n')}
    CREATE TABLE thing (key TEXT, n INT, PRIMARY KEY (key, n));
    GRANT USAGE ON SCHEMA ${SCHEMA} TO ${ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, job_schedule, thing TO ${ROLE};
    GRANT USAGE ON SEQUENCE outbox_seq TO ${ROLE};`);
  await admin.end();
  const pool = new Pool({ connectionString: database.mgmtUrl }).on('error', unheard);
  return {
    schema: SCHEMA,
    databaseUrl: database.mgmtUrl,
    adminUrl: database.adminUrl,
    pool,
    drop: async () => {
      await pool.end();
      await database.drop();
    },
  };
}
