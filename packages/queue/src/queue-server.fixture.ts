import { randomBytes } from 'node:crypto';
import { createOwnerRole } from '@aileron/database';
import { hasRedis, RedisServer, testDatabase } from '@aileron/testing';
import { describe } from '@jest/globals';
import { Client } from 'pg';
import { migrateQueueSchema, QUEUE_ROLE } from './bullmq/queue-schema.js';
import type { BullMqJobQueue } from './bullmq/bullmq-job-queue.js';
import { openJobQueue, type OpenJobQueueOptions } from './open-job-queue.js';

/** A server that jobs are kept on, of the test's own. */
export interface QueueServer {
  readonly kind: 'postgres' | 'redis';
  /** Also for another process: plain data. */
  readonly settings: Pick<OpenJobQueueOptions, 'server' | 'prefix'>;
  open(options?: Partial<OpenJobQueueOptions>): Promise<BullMqJobQueue>;
  kill(): Promise<void>;
  start(): Promise<void>;
  destroy(): Promise<void>;
}

export async function startPostgresServer(): Promise<QueueServer & { readonly adminUrl: string }> {
  const database = await testDatabase();
  const { adminUrl, server } = database;
  const password = await server.rolePassword(QUEUE_ROLE);
  await createOwnerRole({ adminUrl, owner: { role: QUEUE_ROLE }, password });
  await migrateQueueSchema({ adminUrl });
  const databaseUrl = await server.url({ role: QUEUE_ROLE, database: await databaseName(adminUrl) });
  const settings = { server: { databaseUrl } };
  return {
    kind: 'postgres',
    adminUrl,
    settings,
    open: (options) => openJobQueue({ ...settings, ...options }),
    kill: async () => {
      process.kill(server.pid!, 'SIGQUIT');
      while (await isReachable(adminUrl));
    },
    start: () => server.start(),
    destroy: () => database.drop(),
  };
}

async function startRedisServer(): Promise<QueueServer> {
  const server = await RedisServer.start();
  const settings = { server: { redisUrl: server.socket }, prefix: `test-${randomBytes(4).toString('hex')}` };
  return {
    kind: 'redis',
    settings,
    open: (options) => openJobQueue({ ...settings, ...options }),
    kill: () => server.kill(),
    start: () => server.start(),
    destroy: () => server.destroy(),
  };
}

const redis = (await hasRedis()) || process.env['AILERON_REQUIRE_ALL'] === '1';

/** One suite over both. Without a Redis its half is skipped, unless everything is required. */
export function describeOverBoth(name: string, body: (start: () => Promise<QueueServer>) => void): void {
  describe(`${name}, on Postgres`, () => body(startPostgresServer));
  const describeRedis = redis ? describe : describe.skip;
  describeRedis(`${name}, on Redis`, () => body(startRedisServer));
}

async function databaseName(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  await client.end();
  return rows[0]!.name;
}

async function isReachable(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}
