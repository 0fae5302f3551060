/** A worker in a process of its own, to be killed: `node worker-process.fixture.ts <JSON of WorkerProcessConfig>`. */
import { setTimeout as delay } from 'node:timers/promises';
import { openJobQueue, type OpenJobQueueOptions, type WorkOptions } from '@aileron/queue';
import { Pool } from 'pg';

export interface WorkerProcessConfig {
  readonly settings: Pick<OpenJobQueueOptions, 'server' | 'prefix'>;
  /** A database with the table `run`. */
  readonly proofUrl: string;
  readonly name: string;
  readonly work: WorkOptions;
  /** `work`: up to 300 ms. `hang`: for good. `die`: kills the process. */
  readonly conduct: 'work' | 'hang' | 'die';
}

const config = JSON.parse(process.argv[2] ?? '') as WorkerProcessConfig;
const proof = new Pool({ connectionString: config.proofUrl, max: 4 });
const record = (job: string, phase: string) =>
  proof.query('INSERT INTO run (job, phase, pid) VALUES ($1, $2, $3)', [job, phase, process.pid]);

const queue = await openJobQueue({ ...config.settings, drainMs: 5_000 });
await queue.work(
  config.name,
  async ({ id }) => {
    await record(id, 'begun');
    if (config.conduct === 'die') process.kill(process.pid, 'SIGKILL');
    if (config.conduct === 'hang') await delay(600_000);
    await delay(Math.random() * 300);
    await record(id, 'done');
  },
  config.work,
);
process.stdout.write('ready\n');
process.once('SIGTERM', () => {
  void queue
    .close()
    .then(() => proof.end())
    .then(() => process.exit(0));
});
