import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { openJobQueue } from '../open-job-queue.js';
import { startPostgresServer } from '../queue-server.fixture.js';
import { createServiceSchema, type ServiceSchema } from '../service-schema.fixture.js';
import { migrateQueueSchema } from './queue-schema.js';

const DENIED = { code: '42501' };

describe('The schema of the queue', () => {
  let server: Awaited<ReturnType<typeof startPostgresServer>>;
  let service: ServiceSchema;

  beforeAll(async () => {
    [server, service] = await Promise.all([startPostgresServer(), createServiceSchema()]);
  });
  afterAll(async () => {
    await service.drop();
    await server.destroy();
  });

  async function as<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  it('can be migrated again, by several at once, while jobs are in it', async () => {
    const queue = await server.open();
    await queue.add('test.migrate', {}, { jobId: 'kept', attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } });
    await Promise.all([1, 2, 3].map(() => migrateQueueSchema({ adminUrl: server.adminUrl })));
    expect(await queue.counts('test.migrate')).toMatchObject({ waiting: 1 });
    await queue.close();
  });

  it('gives its role the jobs, and nothing that changes or lies outside the schema', async () => {
    const { databaseUrl } = server.settings.server as { databaseUrl: string };
    await as(databaseUrl, async (client) => {
      await expect(client.query('SELECT count(*) FROM bullmq.job')).resolves.toBeDefined();
      for (const sql of [
        'CREATE TABLE bullmq.mine (id int)',
        'CREATE SCHEMA mine',
        'DROP FUNCTION bullmq.drain',
        'DELETE FROM bullmq.migration',
        'SELECT * FROM mgmt.tenant',
        'CREATE TABLE public.mine (id int)',
      ]) {
        await expect(client.query(sql)).rejects.toMatchObject(DENIED);
      }
    });
  });

  it('is closed to the roles of services', async () => {
    await migrateQueueSchema({ adminUrl: service.adminUrl });
    await as(service.databaseUrl, async (client) => {
      await expect(client.query('SELECT * FROM bullmq.job')).rejects.toMatchObject(DENIED);
      await expect(client.query(`SELECT bullmq.drain('x', true)`)).rejects.toMatchObject(DENIED);
    });
  });

  it('must be there before a queue is opened', async () => {
    const bare = await createServiceSchema();
    await expect(openJobQueue({ server: { databaseUrl: bare.adminUrl } })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
    await bare.drop();
  });
});
