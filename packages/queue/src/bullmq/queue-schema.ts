import { toDatabaseError } from '@aileron/database';
import { runMigrations } from 'bullmq';
import { Client, escapeIdentifier } from 'pg';
import { QUEUE_SCHEMA } from './postgres-backend.js';

/** The role that owns nothing and may use the jobs, and the jobs alone. Made with createOwnerRole of packages/database. */
export const QUEUE_ROLE = 'aileron_queue';

/**
 * Brings BullMQ's schema up to this version and renews the rights of its role, which exists. Several at once wait for
 * each other.
 * @param adminUrl connection string of an administrator to the database
 * @throws DATABASE_UNAVAILABLE
 */
export async function migrateQueueSchema({ adminUrl }: { adminUrl: string }): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = '30s'`);
    // One at a time: two that grant at once change the same row of the catalogue, and Postgres refuses one of them.
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [QUEUE_SCHEMA]);
    await runMigrations(client, QUEUE_SCHEMA);
    await client.query(GRANTS);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const schema = escapeIdentifier(QUEUE_SCHEMA);
const role = escapeIdentifier(QUEUE_ROLE);

const GRANTS = `
  BEGIN;
  REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
  REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${role};
  GRANT USAGE ON SCHEMA ${schema} TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};
  REVOKE INSERT, UPDATE, DELETE ON ${schema}.migration FROM ${role};
  GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role};
  COMMIT;`;
