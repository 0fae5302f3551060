import { AileronError } from '@aileron/errors';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { BullMqJobQueue } from './bullmq/bullmq-job-queue.js';
import { eventually } from './eventually.fixture.js';
import type { AddJobOptions, JobHandler, RunningJob, WorkOptions } from './job-queue.port.js';
import type { OpenJobQueueOptions } from './open-job-queue.js';
import { PermanentJobError } from './permanent-job-error.js';
import { describeOverBoth, type QueueServer } from './queue-server.fixture.js';

const WORK: WorkOptions = { concurrency: 1, lockMs: 2_000, timeoutMs: 10_000 };
const once = (jobId: string): AddJobOptions => ({ jobId, attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } });

let serial = 0;
const nextName = () => `test.job-${(serial += 1)}`;

describeOverBoth('A job queue', (startServer) => {
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

  it('runs jobs in the order in which they were added', async () => {
    const queue = await open();
    const name = nextName();
    const ids = Array.from({ length: 100 }, (_, index) => `job-${index}`);
    for (const id of ids) await queue.add(name, { workspaceId: id }, once(id));
    const seen: RunningJob[] = [];
    await queue.work(name, async (job) => void seen.push(job), WORK);
    await eventually(
      () => seen.length,
      (count) => count === 100,
    );
    expect(seen.map((job) => job.id)).toEqual(ids);
    expect(seen.map((job) => job.payload['workspaceId'])).toEqual(ids);
    expect(seen.every((job) => job.attempt === 1 && job.name === name)).toBe(true);
  });

  it('adds a job once, however often, also while it runs and after it has completed', async () => {
    const [queue, other] = [await open(), await open()];
    const name = nextName();
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    const add = () => Promise.all([queue, other].map((each) => each.add(name, { generation: 7 }, once('only'))));
    await Promise.all([add(), add(), add()]);
    await queue.work(
      name,
      async () => {
        runs += 1;
        await gate.promise;
      },
      { ...WORK, concurrency: 5 },
    );
    await eventually(
      () => runs,
      (count) => count === 1,
    );
    await add();
    gate.resolve();
    await eventually(
      () => queue.counts(name),
      ({ active }) => active === 0,
    );
    await add();
    await queue.add(name, {}, once('other'));
    await eventually(
      () => runs,
      (count) => count === 2,
    );
    const settled = await eventually(
      () => queue.counts(name),
      ({ active }) => active === 0,
    );
    expect(settled).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 0 });
    expect(runs).toBe(2);
  });

  it('runs a delayed job when its time has come, and those behind it before', async () => {
    const queue = await open();
    const name = nextName();
    const seen: { id: string; at: number }[] = [];
    await queue.work(name, async ({ id }) => void seen.push({ id, at: Date.now() }), WORK);
    const addedAt = Date.now();
    await queue.add(name, {}, { ...once('later'), delayMs: 800 });
    await queue.add(name, {}, once('now'));
    expect(
      await eventually(
        () => queue.counts(name),
        ({ waiting, active }) => waiting + active === 0,
      ),
    ).toMatchObject({
      delayed: 1,
    });
    await eventually(
      () => seen.length,
      (count) => count === 2,
    );
    expect(seen.map(({ id }) => id)).toEqual(['now', 'later']);
    const lateMs = seen[1]!.at - addedAt - 800;
    expect(lateMs).toBeGreaterThanOrEqual(-5);
    expect(lateMs).toBeLessThan(1_500);
  });

  it('tries a failed job again, later each time, as often as it may', async () => {
    const queue = await open({ random: () => 0 });
    const name = nextName();
    const at: number[] = [];
    await queue.work(
      name,
      async ({ attempt }) => {
        at.push(Date.now());
        if (attempt < 4) throw new AileronError('UNAVAILABLE');
      },
      WORK,
    );
    await queue.add(name, {}, { jobId: 'flaky', attempts: 4, backoff: { kind: 'exponential', delayMs: 100 } });
    await eventually(
      () => at.length,
      (count) => count === 4,
    );
    const gaps = at.slice(1).map((time, index) => time - at[index]!);
    [100, 200, 400].forEach((least, index) => expect(gaps[index]).toBeGreaterThanOrEqual(least - 5));
    expect(
      (
        await eventually(
          () => queue.counts(name),
          ({ active }) => active === 0,
        )
      ).dead,
    ).toBe(0);
  });

  it('lists what is dead with the reason, tries it again and forgets it on demand', async () => {
    const queue = await open();
    const name = nextName();
    let broken = true;
    const handler: JobHandler = async () => {
      if (broken) throw new Error('401 from https://user:hunter2@internal/ with lin_api_0123456789abcdef');
    };
    await queue.work(name, handler, WORK);
    const options: AddJobOptions = { jobId: 'a', attempts: 2, backoff: { kind: 'fixed', delayMs: 0 } };
    await queue.add(name, { workspaceId: 'w1' }, options);
    await queue.add(name, { workspaceId: 'w2' }, { ...options, jobId: 'b' });
    await eventually(
      () => queue.counts(name),
      ({ dead }) => dead === 2,
    );
    const dead = await queue.listDead(name, { offset: 0, limit: 10 });
    expect(dead.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(dead[1]).toMatchObject({ name, payload: { workspaceId: 'w1' }, attempts: 2 });
    expect(dead[1]!.reason).toMatch(/^401 from/);
    expect(JSON.stringify(dead)).not.toMatch(/hunter2|lin_api_0123/);
    expect(await queue.listDead(name, { offset: 1, limit: 1 })).toHaveLength(1);

    broken = false;
    await queue.retryDead(name, 'a');
    await queue.removeDead(name, 'b');
    await eventually(
      () => queue.counts(name),
      ({ dead: left, waiting, active }) => left + waiting + active === 0,
    );
    await expect(queue.retryDead(name, 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(queue.removeDead(name, 'b')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not try again what can never work', async () => {
    const queue = await open();
    const name = nextName();
    let runs = 0;
    await queue.work(
      name,
      async () => {
        runs += 1;
        throw new PermanentJobError('no such template');
      },
      WORK,
    );
    await queue.add(name, {}, { ...once('hopeless'), attempts: 5 });
    await eventually(
      () => queue.counts(name),
      ({ dead }) => dead === 1,
    );
    expect(runs).toBe(1);
    expect(await queue.listDead(name, { offset: 0, limit: 1 })).toMatchObject([{ reason: 'no such template' }]);
  });

  it('ends a run at its deadline, also one that does not listen', async () => {
    const queue = await open({ graceMs: 100 });
    const name = nextName();
    const reasons: unknown[] = [];
    await queue.work(
      name,
      async ({ id, signal }) => {
        await new Promise<void>((_, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as AileronError).code);
            if (id === 'listens') reject(signal.reason as Error);
          });
        });
      },
      { ...WORK, timeoutMs: 100 },
    );
    await queue.add(name, {}, once('listens'));
    await queue.add(name, {}, once('is-deaf'));
    await eventually(
      () => queue.counts(name),
      ({ dead }) => dead === 2,
    );
    expect(reasons).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
    const dead = await queue.listDead(name, { offset: 0, limit: 2 });
    expect(dead.map(({ reason }) => reason)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
  });

  it('tells what happens', async () => {
    const told: string[] = [];
    const metrics: OpenJobQueueOptions['metrics'] = {
      started: ({ name, waitedMs }) => told.push(`${name} started ${waitedMs >= 0}`),
      finished: ({ name, outcome, durationMs }) => told.push(`${name} ${outcome} ${durationMs >= 0}`),
      depth: ({ name, waiting, active }) => told.push(`${name} depth ${waiting} ${active}`),
    };
    const queue = await open({ metrics, depthEveryMs: 50 });
    const name = nextName();
    await queue.work(
      name,
      async ({ id, attempt }) => {
        if (id === 'bad' && attempt < 3) throw new Error('not yet');
        if (id === 'bad') throw new PermanentJobError('never');
      },
      WORK,
    );
    await queue.add(name, {}, once('good'));
    await queue.add(name, {}, { ...once('bad'), attempts: 9 });
    await eventually(
      () => told,
      (lines) => lines.includes(`${name} depth 0 0`) && lines.includes(`${name} dead true`),
    );
    for (const line of ['started true', 'completed true', 'failed true', 'dead true']) {
      expect(told).toContain(`${name} ${line}`);
    }
  });

  it('refuses what it could not keep or must not', async () => {
    const queue = await open();
    const refused = { code: 'INVALID_ARGUMENT' };
    await expect(queue.add('Bad:Name', {}, once('x'))).rejects.toMatchObject(refused);
    await expect(queue.add('test.x', { apiKey: 'x' }, once('x'))).rejects.toMatchObject(refused);
    for (const jobId of ['', '12345', 'with:colon', 'x'.repeat(129)]) {
      await expect(queue.add('test.x', {}, once(jobId))).rejects.toMatchObject(refused);
    }
    await expect(queue.add('test.x', {}, { ...once('x'), attempts: 51 })).rejects.toMatchObject(refused);
    await expect(queue.work('test.x', async () => undefined, { ...WORK, concurrency: 0 })).rejects.toMatchObject(
      refused,
    );
    await expect(queue.listDead('test.x', { offset: 0, limit: 1_000 })).rejects.toMatchObject(refused);
    await queue.work('test.twice', async () => undefined, WORK);
    await expect(queue.work('test.twice', async () => undefined, WORK)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });

  it('says that it is well, and gives Bull Board its queues', async () => {
    const queue = await open();
    expect(await queue.health()).toMatchObject({
      backend: server.kind,
      reachable: true,
      durable: server.kind === 'redis',
    });
    const [board] = await queue.bullBoardQueues(['test.board']);
    expect(board?.name).toBe('test.board');
    expect(await board!.getJobCounts()).toMatchObject({ waiting: 0 });
  });
});
