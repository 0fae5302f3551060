import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { BullMqJobQueue } from '../bullmq/bullmq-job-queue.js';
import { ChildProgram } from '../child-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import type { RunningJob } from '../job-queue.port.js';
import type { OutboxProcessConfig } from '../outbox-process.fixture.js';
import { describeOverBoth, type QueueServer } from '../queue-server.fixture.js';
import { testRandom } from '../test-random.fixture.js';
import { createServiceSchema, type ServiceSchema } from '../service-schema.fixture.js';
import { outboxBacklog } from './outbox-backlog.js';
import { type OutboxEntry, outboxInsert } from './outbox-entry.js';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';

let serial = 0;

describeOverBoth('An outbox', (startServer) => {
  let server: QueueServer;
  let queue: BullMqJobQueue;
  let service: ServiceSchema;
  const relays: OutboxRelay[] = [];

  beforeAll(async () => {
    [server, service] = await Promise.all([startServer(), createServiceSchema()]);
    queue = await server.open({ callMs: 2_000 });
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
  });
  afterAll(async () => {
    await queue.close();
    await service.drop();
    await server.destroy();
  });

  function relay(options: Partial<OutboxRelayOptions> = {}): OutboxRelay {
    const { databaseUrl, schema } = service;
    const started = OutboxRelay.start({ databaseUrl, schema, queue, pollMs: 200, ...options });
    relays.push(started);
    return started;
  }

  const entry = (name: string, jobId: string, orderKey = 'k'): OutboxEntry => ({
    orderKey,
    name,
    payload: { workspaceId: jobId },
    options: { jobId, attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } },
  });

  async function begin() {
    const client = await service.pool.connect();
    await client.query('BEGIN');
    const end = async (how: 'COMMIT' | 'ROLLBACK') => {
      await client.query(how);
      client.release();
    };
    return {
      insert: async (each: OutboxEntry) => {
        const { text, values } = outboxInsert(service.schema, each);
        await client.query(text, [...values]);
      },
      commit: () => end('COMMIT'),
      rollBack: () => end('ROLLBACK'),
    };
  }

  async function commit(each: OutboxEntry): Promise<void> {
    const transaction = await begin();
    await transaction.insert(each);
    await transaction.commit();
  }

  /** What arrives, in order. */
  async function consume(): Promise<{ name: string; seen: RunningJob[]; ids(): string[] }> {
    const name = `test.outbox-${(serial += 1)}`;
    const seen: RunningJob[] = [];
    const options = { concurrency: 1, lockMs: 5_000, timeoutMs: 5_000 };
    await queue.work(name, async (job) => void seen.push(job), options);
    return { name, seen, ids: () => seen.map(({ id }) => id) };
  }

  const backlog = async (): Promise<{ waiting: number; refused: number; oldest_seconds: number }> =>
    (await service.pool.query(outboxBacklog(service.schema).text)).rows[0];

  it('relays what was committed, nothing that was rolled back', async () => {
    const { name, seen, ids } = await consume();
    relay();
    const lost = await begin();
    await lost.insert(entry(name, 'lost', 'a'));
    const kept = await begin();
    await kept.insert(entry(name, 'kept-1', 'b'));
    await kept.insert(entry(name, 'kept-2', 'b'));
    await lost.rollBack();
    await delay(300);
    expect(ids()).toEqual([]);
    await kept.commit();
    await eventually(
      () => ids().length,
      (count) => count === 2,
    );
    expect(ids()).toEqual(['kept-1', 'kept-2']);
    expect(seen[0]!.payload).toEqual({ workspaceId: 'kept-1' });
    expect(await eventually(backlog, ({ waiting }) => waiting === 0)).toMatchObject({ refused: 0, oldest_seconds: 0 });
  });

  it('is told of a commit, without waiting for its next look', async () => {
    const { name, ids } = await consume();
    const started = relay({ pollMs: 60_000 });
    await eventually(() => started.isLeading, Boolean);
    await commit(entry(name, 'soon'));
    await eventually(ids, (seen) => seen.length === 1, 3_000);
  });

  it('keeps the order of commits within a key, also of transactions that overlap', async () => {
    const { name, ids } = await consume();
    const first = await begin();
    await first.insert(entry(name, 'first', 'key'));
    const second = await begin();
    let inserted = false;
    const inserting = second.insert(entry(name, 'second', 'key')).then(() => (inserted = true));
    await commit(entry(name, 'unrelated', 'other-key'));
    relay();
    await eventually(ids, (seen) => seen.length === 1);
    expect(ids()).toEqual(['unrelated']);
    expect(inserted).toBe(false);
    await first.commit();
    await inserting;
    await second.commit();
    await eventually(ids, (seen) => seen.length === 3);
    expect(ids()).toEqual(['unrelated', 'first', 'second']);
  });

  it('has one relay at work; the next takes over', async () => {
    const { name, ids } = await consume();
    const first = relay();
    await eventually(() => first.isLeading, Boolean);
    const second = relay();
    await commit(entry(name, 'one'));
    await eventually(ids, (seen) => seen.length === 1);
    expect(second.isLeading).toBe(false);
    await first.close();
    await commit(entry(name, 'two'));
    await eventually(ids, (seen) => seen.length === 2);
    expect(second.isLeading).toBe(true);
  });

  it('sets aside what the queue never takes, and goes on with the rest', async () => {
    const { name, ids } = await consume();
    await service.pool.query(
      `INSERT INTO ${service.schema}.outbox (order_key, job_name, job_id, payload, options) VALUES ('k', $1, 'x', '{"password": "x"}', '{}')`,
      [name],
    );
    await commit(entry(name, 'good'));
    relay();
    await eventually(ids, (seen) => seen.length === 1);
    expect(await eventually(backlog, ({ waiting }) => waiting === 0)).toMatchObject({ refused: 1 });
    const { rows } = await service.pool.query(`DELETE FROM ${service.schema}.outbox RETURNING refusal`);
    expect(rows).toEqual([{ refusal: 'INVALID_ARGUMENT' }]);
  });

  it('keeps what is committed while the queue is away, each job once', async () => {
    const { name, ids } = await consume();
    relay();
    await commit(entry(name, 'before'));
    await eventually(ids, (seen) => seen.length === 1);
    if (server.kind === 'redis') await server.kill();
    // Postgres takes both away: there is nothing to commit to then.
    for (const id of ['during-1', 'during-2']) await commit(entry(name, id));
    if (server.kind === 'redis') {
      await delay(300);
      expect((await backlog()).waiting).toBe(2);
      await server.start();
    }
    await eventually(ids, (seen) => seen.length === 3);
    expect(ids()).toEqual(['before', 'during-1', 'during-2']);
  });

  it('loses and doubles nothing when its process is killed, again and again', async () => {
    const random = testRandom();
    const { name, ids } = await consume();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const { databaseUrl, schema } = service;
    const config: OutboxProcessConfig = { settings: server.settings, databaseUrl, schema, name, keys };
    for (let kills = 0; kills < 8; kills += 1) {
      const writer = await ChildProgram.start('outbox-process.fixture.ts', config);
      await delay(50 + 400 * random.next());
      await writer.end('SIGKILL');
    }
    relay();
    await eventually(backlog, ({ waiting }) => waiting === 0, 60_000);
    const { rows } = await service.pool.query<{ id: string }>(`SELECT key || '.' || n AS id FROM ${schema}.thing`);
    const committed = rows.map(({ id }) => id);
    await eventually(ids, (seen) => seen.length >= committed.length, 60_000);
    expect({ seed: random.seed, jobs: ids().toSorted() }).toEqual({ seed: random.seed, jobs: committed.toSorted() });
    expect(committed.length).toBeGreaterThan(50);
    for (const key of keys) {
      const numbers = ids().flatMap((id) => (id.startsWith(`${key}.`) ? [Number(id.slice(2))] : []));
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
  }, 120_000);
});
