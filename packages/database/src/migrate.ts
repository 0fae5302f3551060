import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AileronError } from '@aileron/errors';
import { Client, escapeIdentifier } from 'pg';
import { toDatabaseError } from './database-error.js';
import { type Migration, readMigrations } from './migration-files.js';
import type { DatabaseOwner } from './owner.js';

/** The lock that Prisma Migrate takes as well, so that the two never run at once. */
const PRISMA_ADVISORY_LOCK = 72707369;
const LOCK_TIMEOUT_MS = 30_000;

/** Prisma's own table, column by column. */
const HISTORY_TABLE = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

export interface MigrateOptions {
  /** Connection string of an administrator to the database to migrate. */
  readonly adminUrl: string;
  readonly owner: DatabaseOwner;
}

/**
 * Brings an owner's schema up to its migrations and renews the grants of its role (which exists, see
 * createOwnerRole). Each migration is one transaction. Refuses with MIGRATION_DRIFT when the history in the database
 * is not a prefix of the folder: a changed, missing, inserted or unfinished migration.
 * @returns the names applied now
 */
export async function migrate({ adminUrl, owner }: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(owner.migrationsDirectory);
  const grants = await readFile(owner.grantsFile, 'utf8');
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_ADVISORY_LOCK]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(owner.schema)}`);
    await client.query(`SET search_path TO ${escapeIdentifier(owner.schema)}`);
    await client.query(HISTORY_TABLE);
    const pending = pendingMigrations(migrations, await appliedMigrations(client));
    for (const migration of pending) await applyMigration(client, migration);
    await inOneTransaction(client, () => client.query(grants));
    return pending.map((migration) => migration.name);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function appliedMigrations(client: Client): Promise<AppliedMigration[]> {
  const result = await client.query<AppliedMigration>(
    `SELECT migration_name, checksum, finished_at FROM "_prisma_migrations"
     WHERE rolled_back_at IS NULL ORDER BY migration_name COLLATE "C"`,
  );
  return result.rows;
}

/** What is left to apply, once the applied ones are proved to be the first of the folder, unchanged. */
function pendingMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  applied.forEach((row, index) => {
    const migration = migrations[index];
    const reason =
      row.finished_at === null
        ? 'unfinished'
        : migration?.name !== row.migration_name
          ? 'missing or out of order'
          : migration.checksum !== row.checksum
            ? 'changed after it was applied'
            : null;
    if (reason !== null) throw new AileronError('MIGRATION_DRIFT', { migration: row.migration_name, reason });
  });
  return migrations.slice(applied.length);
}

async function applyMigration(client: Client, migration: Migration): Promise<void> {
  await inOneTransaction(client, async () => {
    const startedAt = new Date();
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name, startedAt],
    );
  });
}

async function inOneTransaction(client: Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
