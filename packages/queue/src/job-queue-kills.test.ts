import { setTimeout as delay } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import type { BullMqJobQueue } from './bullmq/bullmq-job-queue.js';
import { ChildProgram } from './child-process.fixture.js';
import { eventually } from './eventually.fixture.js';
import { describeOverBoth, type QueueServer } from './queue-server.fixture.js';
import { testRandom } from './test-random.fixture.js';
import type { WorkerProcessConfig } from './worker-process.fixture.js';

const LOCK_MS = 1_000;
const JOBS = 2_000;
const WORKERS = 3;
const CONCURRENCY = 8;

describeOverBoth('A job queue whose workers are killed', (startServer) => {
  let server: QueueServer;
  let database: TestDatabase;
  let proof: Pool;
  let queue: BullMqJobQueue;

  beforeAll(async () => {
    [server, database] = await Promise.all([startServer(), testDatabase()]);
    proof = new Pool({ connectionString: database.adminUrl });
    proof.on('error', () => undefined);
    await proof.query('CREATE TABLE run (serial bigserial, job text NOT NULL, phase text NOT NULL, pid int NOT NULL)');
    queue = await server.open();
  });
  afterAll(async () => {
    await queue.close();
    await proof.end();
    await server.destroy();
    await database.drop();
  });

  const startWorker = (name: string, options: Partial<WorkerProcessConfig> = {}): Promise<ChildProgram> =>
    ChildProgram.start('worker-process.fixture.ts', {
      settings: server.settings,
      proofUrl: database.adminUrl,
      name,
      work: { concurrency: CONCURRENCY, lockMs: LOCK_MS, timeoutMs: 600_000 },
      conduct: 'work',
      ...options,
    });

  const countRuns = async (job: string, phase: string): Promise<number> => {
    const { rows } = await proof.query('SELECT 1 FROM run WHERE job LIKE $1 AND phase = $2', [job, phase]);
    return rows.length;
  };

  it('gives the job of a killed worker to another', async () => {
    const doomed = await startWorker('test.kill', { conduct: 'hang' });
    await queue.add('test.kill', {}, { jobId: 'survivor', attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } });
    await eventually(
      () => countRuns('survivor', 'begun'),
      (count) => count === 1,
    );
    await doomed.end('SIGKILL');
    const killedAt = performance.now();
    const heir = await startWorker('test.kill');
    await eventually(
      () => countRuns('survivor', 'done'),
      (count) => count === 1,
    );
    // The lock, and two looks at half its length: plus the start of the heir.
    expect(performance.now() - killedAt).toBeLessThan(2 * LOCK_MS + 15_000);
    await heir.end('SIGTERM');
    expect(await queue.counts('test.kill')).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 0 });
  });

  it('gives up on a job that kills its workers', async () => {
    const work = { concurrency: 1, lockMs: LOCK_MS, timeoutMs: 600_000, mostStalls: 1 };
    await queue.add('test.poison', {}, { jobId: 'poison', attempts: 3, backoff: { kind: 'fixed', delayMs: 0 } });
    for (let victims = 0; victims < 2; victims += 1) {
      const victim = await startWorker('test.poison', { conduct: 'die', work });
      await eventually(() => victim.hasEnded, Boolean);
    }
    const last = await startWorker('test.poison', { conduct: 'die', work });
    await eventually(
      () => queue.counts('test.poison'),
      ({ dead }) => dead === 1,
    );
    expect(last.hasEnded).toBe(false);
    expect(await countRuns('poison', 'begun')).toBe(2);
    await last.end('SIGTERM');
  });

  it(`completes ${JOBS} jobs under random kills`, async () => {
    const random = testRandom();
    const workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker('test.many')));
    const killOne = async () => {
      const index = Math.floor(random.next() * WORKERS);
      await workers[index]!.end('SIGKILL');
      workers[index] = await startWorker('test.many');
    };
    let kills = 0;
    const adding = addMany(queue);
    const deadline = performance.now() + 120_000;
    for (let done = 0; done < JOBS; done = await countDone()) {
      if (performance.now() > deadline) throw new Error(`seed ${random.seed}: ${done} done, ${kills} kills`);
      await delay(200 * random.next());
      if (done > 0.95 * JOBS) continue;
      await killOne();
      kills += 1;
    }
    await adding;
    await eventually(
      () => queue.counts('test.many'),
      ({ active, waiting }) => active + waiting === 0,
    );
    await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
    const { rows } = await proof.query<{ runs: number }>(
      `SELECT count(*)::int AS runs FROM run WHERE job LIKE 'many-%' AND phase = 'done'`,
    );
    const twice = rows[0]!.runs - JOBS;
    const report = `seed ${random.seed}: ${kills} kills, ${twice} jobs done twice`;
    expect({ report, dead: (await queue.counts('test.many')).dead }).toEqual({ report, dead: 0 });
    expect(kills).toBeGreaterThan(5);
    // A job is run again only because its worker was killed between its work and the telling.
    expect({ report, few: twice <= kills * CONCURRENCY }).toEqual({ report, few: true });
  }, 180_000);

  async function countDone(): Promise<number> {
    const { rows } = await proof.query<{ count: number }>(
      `SELECT count(DISTINCT job)::int AS count FROM run WHERE job LIKE 'many-%' AND phase = 'done'`,
    );
    return rows[0]!.count;
  }
});

async function addMany(queue: BullMqJobQueue): Promise<void> {
  for (let index = 0; index < JOBS; index += 1) {
    const options = { jobId: `many-${index}`, attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } } as const;
    await queue.add('test.many', { generation: index }, options);
  }
}
