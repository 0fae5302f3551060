import { createHash, randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { EmbeddedPostgres } from './embedded/embedded-postgres.js';
import { createDatabase } from './home-database.js';
import { migrate } from './migrate.js';
import { migrationChecksum } from './migration-files.js';
import { createOwnerRole } from './owner-role.js';
import { type DatabaseOwner, MGMT_OWNER } from './owner.js';

let home: string;
let server: EmbeddedPostgres;
let adminUrl: string;
let owner: DatabaseOwner;

const query = async <T extends object>(url: string, sql: string): Promise<T[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
};

/** The migrations that ship, in their order. */
const shipped = async () =>
  (await readdir(MGMT_OWNER.migrationsDirectory)).filter((name) => /^\d{14}_/.test(name)).toSorted();

const addMigration = async (name: string, sql: string) => {
  await mkdir(join(owner.migrationsDirectory, name));
  await writeFile(join(owner.migrationsDirectory, name, 'migration.sql'), sql);
};

beforeAll(async () => {
  home = await mkdtemp(join(await realpath(tmpdir()), 'aileron-home-'));
  server = await EmbeddedPostgres.start({ home, durable: false });
});

afterAll(async () => {
  await server.destroy();
  await rm(home, { recursive: true, force: true });
});

beforeEach(async () => {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await createDatabase({ adminUrl: server.adminUrl(), name });
  adminUrl = server.adminUrl(name);
  const migrationsDirectory = join(home, name);
  await cp(MGMT_OWNER.migrationsDirectory, migrationsDirectory, { recursive: true });
  owner = { ...MGMT_OWNER, migrationsDirectory };
  await createOwnerRole({ adminUrl, owner, password: await server.rolePassword(owner.role) });
});

describe('migrationChecksum', () => {
  it('is the SHA-256 of the file in lower-case hex, as Prisma writes it', () => {
    const script = Buffer.from('CREATE TABLE x ();\n');
    expect(migrationChecksum(script)).toBe(createHash('sha256').update(script).digest('hex'));
    expect(migrationChecksum(new Uint8Array())).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
});

describe('migrate', () => {
  it('applies each migration once, in order, and records it as Prisma does', async () => {
    await addMigration('20990101000000_next', 'CREATE TABLE next (tenant_id TEXT NOT NULL);');
    const first = await migrate({ adminUrl, owner });
    expect(first).toEqual([...(await shipped()), '20990101000000_next']);
    expect(await migrate({ adminUrl, owner })).toEqual([]);
    const rows = await query<{ checksum: string; finished: boolean; applied_steps_count: number }>(
      adminUrl,
      'SELECT checksum, finished_at IS NOT NULL AS finished, applied_steps_count FROM mgmt._prisma_migrations',
    );
    expect(rows).toHaveLength(first.length);
    for (const row of rows) {
      expect(row).toEqual({
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        finished: true,
        applied_steps_count: 1,
      });
    }
  });

  it('is done once when several start at the same time', async () => {
    const results = await Promise.all([1, 2, 3].map(() => migrate({ adminUrl, owner })));
    expect(results.flat()).toEqual(await shipped());
  });

  it('leaves nothing of a migration that fails', async () => {
    await migrate({ adminUrl, owner });
    await addMigration('20990101000000_bad', 'CREATE TABLE half (tenant_id TEXT); SELECT 1/0;');
    await expect(migrate({ adminUrl, owner })).rejects.toThrow('division by zero');
    expect(await query(adminUrl, `SELECT FROM pg_tables WHERE tablename = 'half'`)).toHaveLength(0);
    await rm(join(owner.migrationsDirectory, '20990101000000_bad'), { recursive: true });
    expect(await migrate({ adminUrl, owner })).toEqual([]);
  });

  it.each([
    ['changed', () => appendFile(join(owner.migrationsDirectory, '20990101000000_next/migration.sql'), '\n')],
    ['missing', () => rm(join(owner.migrationsDirectory, '20990101000000_next'), { recursive: true })],
    ['inserted before an applied one', () => addMigration('20980101000000_between', 'SELECT 1;')],
    [
      'renamed',
      () =>
        rename(join(owner.migrationsDirectory, '20990101000000_next'), join(owner.migrationsDirectory, '2099_renamed')),
    ],
    ['unfinished', () => query(adminUrl, 'UPDATE mgmt._prisma_migrations SET finished_at = NULL')],
  ])('refuses a history that has drifted: %s', async (_, drift) => {
    await addMigration('20990101000000_next', 'SELECT 1;');
    await migrate({ adminUrl, owner });
    await drift();
    await expect(migrate({ adminUrl, owner })).rejects.toMatchObject({ code: 'MIGRATION_DRIFT' });
  });
});

describe('the schema of the management plane', () => {
  it('has a tenant in every table, first in its primary key', async () => {
    await migrate({ adminUrl, owner });
    const tables = await query<{ table: string; first_key: string }>(
      adminUrl,
      `SELECT c.relname AS table, a.attname AS first_key FROM pg_index i
       JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       WHERE n.nspname = 'mgmt' AND i.indisprimary AND c.relname <> '_prisma_migrations'`,
    );
    const all = await query(
      adminUrl,
      `SELECT FROM pg_tables WHERE schemaname = 'mgmt' AND tablename <> '_prisma_migrations'`,
    );
    expect(tables.length).toBeGreaterThan(5);
    expect(tables).toHaveLength(all.length);
    for (const table of tables) expect(table).toMatchObject({ first_key: 'tenant_id' });
  });

  it('is closed to the role of another owner, and its own role to every other schema', async () => {
    await migrate({ adminUrl, owner });
    const other: DatabaseOwner = { ...owner, schema: 'other', role: 'aileron_other' };
    const password = await server.rolePassword(other.role);
    await createOwnerRole({ adminUrl, owner: other, password });
    await query(
      adminUrl,
      'CREATE SCHEMA other; CREATE TABLE other.thing (tenant_id TEXT); GRANT ALL ON SCHEMA other TO aileron_other; GRANT ALL ON other.thing TO aileron_other',
    );
    const database = new URL(adminUrl).pathname.slice(1);
    const otherUrl = await server.url({ role: other.role, database });
    const mgmtUrl = await server.url({ role: owner.role, database });
    expect(await query(otherUrl, 'SELECT FROM other.thing')).toEqual([]);
    expect(await query(mgmtUrl, 'SELECT FROM mgmt.session')).toEqual([]);
    await expect(query(otherUrl, 'SELECT FROM mgmt.session')).rejects.toThrow('permission denied for schema mgmt');
    await expect(query(mgmtUrl, 'SELECT FROM other.thing')).rejects.toThrow('permission denied for schema other');
    for (const sql of [
      'CREATE TABLE mgmt.mine ()',
      'CREATE TABLE public.mine ()',
      'DROP TABLE mgmt.session',
      'DELETE FROM mgmt.session',
      'UPDATE mgmt.audit_line SET line = line',
      'DELETE FROM mgmt.audit_line',
      'TRUNCATE mgmt.audit_line',
      'UPDATE mgmt.bundle SET version = 1',
      'SELECT FROM mgmt._prisma_migrations',
      'CREATE ROLE more',
    ]) {
      await expect(query(mgmtUrl, sql)).rejects.toThrow(/permission denied|must be owner/);
    }
  });
});
