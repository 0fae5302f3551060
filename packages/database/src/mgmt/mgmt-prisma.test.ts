import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HomeDatabase, startHomeDatabase } from '../home-database.js';
import { createMgmtDatabase, inTransaction, type MgmtPrisma, Prisma } from './mgmt-prisma.js';

let home: string;
let database: HomeDatabase;
let prisma: MgmtPrisma;

beforeAll(async () => {
  home = await mkdtemp(join(await realpath(tmpdir()), 'aileron-home-'));
  database = await startHomeDatabase({ home, durable: false, supervise: false });
  ({ prisma } = createMgmtDatabase({ url: database.mgmtUrl }));
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.server.destroy();
  await rm(home, { recursive: true, force: true });
});

const newTenant = () => ({ tenantId: `ten_${randomUUID()}`, name: 'a tenant', createdAt: new Date() });

/** A backend that is just answering outlives its killed server by a query or two. */
const countUntilRefused = async () => {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) await prisma.tenant.count();
};

describe('createMgmtDatabase', () => {
  it('knows every column of every table', async () => {
    const models = Object.keys(Prisma.ModelName);
    expect(models.length).toBeGreaterThan(5);
    for (const model of models) {
      const name = (model[0]!.toLowerCase() + model.slice(1)) as Uncapitalize<keyof typeof Prisma.ModelName>;
      await expect((prisma[name] as { findMany(): Promise<unknown> }).findMany()).resolves.toBeDefined();
    }
  });

  it('undoes a transaction whose work fails, and throws what the work threw', async () => {
    const data = newTenant();
    const failure = new Error('the work failed');
    const work = inTransaction(prisma, async (transaction) => {
      await transaction.tenant.create({ data });
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await prisma.tenant.count({ where: { tenantId: data.tenantId } })).toBe(0);
  });

  it('runs a bulk statement past Prisma, with the same errors, until it is disconnected', async () => {
    const client = createMgmtDatabase({ url: database.mgmtUrl });
    const { tenantId, name } = newTenant();
    const insert = {
      name: 'insert-tenant',
      text: `INSERT INTO mgmt.tenant (tenant_id, name, created_at) VALUES ($1, $2, now())`,
      values: [tenantId, name],
    };
    expect(await client.executeBulk(insert)).toBe(1);
    expect(await client.prisma.tenant.count({ where: { tenantId } })).toBe(1);
    await expect(client.executeBulk(insert)).rejects.toMatchObject({ code: '23505' });
    await client.prisma.$disconnect();
    await expect(client.executeBulk(insert)).rejects.toBeDefined();
  });

  it('says DATABASE_UNAVAILABLE while the server is dead, alone and in a transaction, and works once it is back', async () => {
    const data = newTenant();
    await prisma.tenant.create({ data });
    const killed = database.server.pid!;
    process.kill(killed, 'SIGKILL');
    await expect(countUntilRefused()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(prisma.tenant.count()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    const past = createMgmtDatabase({ url: database.mgmtUrl });
    const statement = { name: 'one', text: 'SELECT 1', values: [] };
    await expect(past.executeBulk(statement)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await past.prisma.$disconnect();
    await expect(inTransaction(prisma, (transaction) => transaction.tenant.count())).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    await database.server.start();
    expect(await prisma.tenant.count({ where: { tenantId: data.tenantId } })).toBe(1);
  });
});
