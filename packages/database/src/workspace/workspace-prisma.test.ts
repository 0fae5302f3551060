import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type HomeDatabase, startHomeDatabase } from '../home-database.js';
import { connectSession, createWorkspaceDatabase, Prisma, type WorkspaceDatabaseClient } from './workspace-prisma.js';

let home: string;
let database: HomeDatabase;
let client: WorkspaceDatabaseClient;

beforeAll(async () => {
  home = await mkdtemp(join(await realpath(tmpdir()), 'aileron-home-'));
  database = await startHomeDatabase({ home, durable: false, supervise: false });
  client = createWorkspaceDatabase({ url: database.workspaceUrl });
});
afterAll(async () => {
  await client.prisma.$disconnect();
  await database.server.destroy();
  await rm(home, { recursive: true, force: true });
});

async function query<T extends object>(url: string, sql: string): Promise<T[]> {
  const connection = new Client({ connectionString: url });
  await connection.connect();
  try {
    return (await connection.query<T>(sql)).rows;
  } finally {
    await connection.end();
  }
}

describe('the schema of workspace-manager', () => {
  it('is what the client knows', async () => {
    const models = Object.keys(Prisma.ModelName);
    expect(models.length).toBeGreaterThan(5);
    for (const model of models) {
      const name = (model[0]!.toLowerCase() + model.slice(1)) as Uncapitalize<keyof typeof Prisma.ModelName>;
      await expect((client.prisma[name] as { findMany(): Promise<unknown> }).findMany()).resolves.toEqual([]);
    }
  });

  it('has a tenant in every table of its own, first in its primary key', async () => {
    const keys = await query<{ table: string; first: string }>(
      database.workspaceUrl,
      `SELECT c.relname AS table, a.attname AS first FROM pg_index i
       JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       WHERE n.nspname = 'workspace' AND i.indisprimary AND c.relname NOT IN ('_prisma_migrations', 'outbox')`,
    );
    expect(keys.length).toBeGreaterThan(5);
    for (const key of keys) expect(key).toMatchObject({ first: 'tenant_id' });
  });

  it('is closed to the management plane, and the management plane’s to its role', async () => {
    const denied = [
      [database.workspaceUrl, 'SELECT FROM mgmt.session'],
      [database.mgmtUrl, 'SELECT FROM workspace.workspace'],
      [database.workspaceUrl, 'CREATE TABLE workspace.mine ()'],
      [database.workspaceUrl, 'DROP TABLE workspace.workspace'],
      [database.workspaceUrl, `UPDATE workspace.event_entry SET entry = ''`],
      [database.workspaceUrl, 'TRUNCATE workspace.event_entry'],
      [database.workspaceUrl, 'SELECT FROM workspace._prisma_migrations'],
      [database.workspaceUrl, 'CREATE ROLE more'],
    ] as const;
    for (const [url, sql] of denied) await expect(query(url, sql)).rejects.toThrow(/permission denied|must be owner/);
  });
});

describe('a session', () => {
  const open = (onNotice: (payload: string) => void = () => undefined) =>
    connectSession({ url: database.workspaceUrl, channel: 'test_channel', onNotice });

  it('hears what is notified, and holds a lock until it ends', async () => {
    const heard = Promise.withResolvers<string>();
    const [one, other] = [await open(heard.resolve), await open()];
    expect(await one.tryLock('the lock')).toBe(true);
    expect(await other.tryLock('the lock')).toBe(false);
    await query(database.workspaceUrl, `SELECT pg_notify('test_channel', 'hello')`);
    expect(await heard.promise).toBe('hello');
    await one.close();
    await one.lost;
    for (let taken = false; !taken;) taken = await other.tryLock('the lock');
    await other.close();
  });
});
