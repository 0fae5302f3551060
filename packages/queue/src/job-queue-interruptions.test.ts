import { setTimeout as delay } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { BullMqJobQueue } from './bullmq/bullmq-job-queue.js';
import { eventually } from './eventually.fixture.js';
import type { AddJobOptions, JobHandler, WorkOptions } from './job-queue.port.js';
import type { OpenJobQueueOptions } from './open-job-queue.js';
import { describeOverBoth, type QueueServer } from './queue-server.fixture.js';

const WORK: WorkOptions = { concurrency: 1, lockMs: 2_000, timeoutMs: 10_000 };
const once = (jobId: string): AddJobOptions => ({ jobId, attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } });

let serial = 0;
const nextName = () => `test.interrupted-${(serial += 1)}`;

describeOverBoth('A job queue that is interrupted', (startServer) => {
  let server: QueueServer;
  const opened: BullMqJobQueue[] = [];

  beforeAll(async () => {
    server = await startServer();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });
  afterAll(async () => {
    await server.destroy();
  });

  async function open(options: Partial<OpenJobQueueOptions> = {}): Promise<BullMqJobQueue> {
    const queue = await server.open(options);
    opened.push(queue);
    return queue;
  }

  // First, because BullMQ's worker keeps a timer for five seconds when it has met a server that is away.
  it('tells of what was done while its server was away, when it is back', async () => {
    const queue = await open();
    const name = nextName();
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    const handler: JobHandler = async ({ id }) => {
      begun.push(id);
      await gate.promise;
    };
    await queue.work(name, handler, { ...WORK, concurrency: 2, lockMs: 20_000 });
    for (const id of ['a', 'b', 'c']) await queue.add(name, {}, once(id));
    await eventually(
      () => begun.length,
      (count) => count === 2,
    );
    await server.kill();
    try {
      gate.resolve();
      await delay(200);
    } finally {
      await server.start();
    }
    const counts = () => queue.counts(name).catch(() => null);
    await eventually(counts, (read) => read !== null && read.waiting + read.active === 0);
    expect(await counts()).toMatchObject({ dead: 0 });
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('fails in time while its server is away, and goes on when it is back', async () => {
    const queue = await open({ callMs: 1_000 });
    const name = nextName();
    const seen: string[] = [];
    await queue.work(name, async ({ id }) => void seen.push(id), WORK);
    await queue.add(name, {}, once('before'));
    await eventually(
      () => seen.length,
      (count) => count === 1,
    );
    await server.kill();
    try {
      const startedAt = performance.now();
      await expect(queue.add(name, {}, once('during'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      await expect(queue.add('test.never-used', {}, once('x'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      await expect(server.open({ callMs: 500 })).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      expect(await queue.health()).toMatchObject({ reachable: false });
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    } finally {
      await server.start();
    }
    await eventually(
      () =>
        queue.add(name, {}, once('after')).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    await eventually(
      () => seen,
      (ids) => ids.includes('after'),
    );
    await queue.add('test.never-used', {}, once('y'));
    expect(await queue.health()).toMatchObject({ reachable: true });
  });

  it('finishes what runs when it closes, and takes nothing more', async () => {
    const [queue, witness] = [await open(), await open()];
    const name = nextName();
    const done: string[] = [];
    const gate = Promise.withResolvers<void>();
    await queue.work(
      name,
      async ({ id }) => {
        await gate.promise;
        done.push(id);
      },
      { ...WORK, concurrency: 2 },
    );
    for (const id of ['a', 'b', 'c', 'd']) await queue.add(name, {}, once(id));
    await eventually(
      () => witness.counts(name),
      ({ active }) => active === 2,
    );
    const closed = queue.close();
    await expect(queue.add(name, {}, once('e'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await delay(100);
    gate.resolve();
    await closed;
    expect(done.toSorted()).toEqual(['a', 'b']);
    expect(await witness.counts(name)).toEqual({ waiting: 2, active: 0, delayed: 0, dead: 0 });
  });

  it('gives back what does not finish in time, which another runs as if nothing had been', async () => {
    const [queue, other] = [await open({ drainMs: 200, graceMs: 200 }), await open()];
    const name = nextName();
    let cut: unknown = null;
    await queue.work(
      name,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            cut = (signal.reason as AileronError).code;
            reject(signal.reason as Error);
          });
        }),
      WORK,
    );
    await queue.add(name, {}, once('long'));
    await eventually(
      () => other.counts(name),
      ({ active }) => active === 1,
    );
    const startedAt = performance.now();
    await queue.close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(cut).toBe('CANCELLED');
    expect(await other.counts(name)).toEqual({ waiting: 1, active: 0, delayed: 0, dead: 0 });
    const attempts: number[] = [];
    await other.work(name, async ({ attempt }) => void attempts.push(attempt), WORK);
    await eventually(
      () => attempts.length,
      (count) => count === 1,
    );
    expect(attempts).toEqual([1]);
  });

  it('closes in time although a handler never ends', async () => {
    const queue = await open({ drainMs: 100, graceMs: 100, callMs: 500 });
    const name = nextName();
    let started = false;
    await queue.work(
      name,
      () => {
        started = true;
        return new Promise(() => undefined);
      },
      WORK,
    );
    await queue.add(name, {}, once('deaf'));
    await eventually(() => started, Boolean);
    const startedAt = performance.now();
    await queue.close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
