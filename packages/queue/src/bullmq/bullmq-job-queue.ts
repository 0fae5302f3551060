import { AileronError } from '@aileron/errors';
import type { Job, Queue } from 'bullmq';
import { parseAddOptions, parseJobId, parseJobName, parseWorkOptions } from '../job-options.js';
import { type JobPayload, parseJobPayload } from '../job-payload.js';
import type {
  AddJobOptions,
  DeadJob,
  JobCounts,
  JobHandler,
  JobQueue,
  JobWorker,
  QueueHealth,
  WorkOptions,
} from '../job-queue.port.js';
import { within } from '../within.js';
import type { BullMqBackend, BullQueue } from './bullmq-backend.js';
import { BullMqWorker, type BullMqWorkerSettings } from './bullmq-worker.js';
import { toDeadJob } from './dead-job.js';
import { toBullBackoff } from './retry-delay.js';

const DEEPEST_PAGE = 10_000;

export interface BullMqJobQueueSettings extends BullMqWorkerSettings {
  readonly completedSeconds: number;
  readonly deadSeconds: number;
  readonly depthEveryMs: number;
}

/** The port over BullMQ: one BullMQ queue a name, made when it is first used. */
export class BullMqJobQueue implements JobQueue {
  readonly #queues = new Map<string, Promise<BullQueue>>();
  readonly #workers = new Map<string, BullMqWorker>();
  readonly #depthTimer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | null = null;

  constructor(
    private readonly backend: BullMqBackend,
    private readonly settings: BullMqJobQueueSettings,
  ) {
    if (settings.metrics.depth === undefined) return;
    this.#depthTimer = setInterval(() => void this.#reportDepth(), settings.depthEveryMs);
    this.#depthTimer.unref();
  }

  async add(name: string, payload: JobPayload, options: AddJobOptions): Promise<void> {
    const { jobId, delayMs = 0, attempts, backoff } = parseAddOptions(options);
    const data = parseJobPayload(payload);
    await this.#call(name, (queue) =>
      queue.add(name, data, {
        jobId,
        delay: delayMs,
        attempts,
        backoff: toBullBackoff(backoff),
        // By age alone: on Postgres a count sorts everything that is kept, each time a job completes.
        removeOnComplete: { age: this.settings.completedSeconds },
        removeOnFail: { age: this.settings.deadSeconds },
        stackTraceLimit: 0,
      }),
    );
  }

  async work(name: string, handler: JobHandler, options: WorkOptions): Promise<JobWorker> {
    parseJobName(name);
    parseWorkOptions(options);
    this.#refuseWhenClosed();
    if (this.#workers.has(name)) throw new AileronError('PRECONDITION_FAILED', { name, reason: 'worked on already' });
    const worker = new BullMqWorker(this.backend, name, handler, options, this.settings);
    this.#workers.set(name, worker);
    const close = async (): Promise<void> => {
      await worker.close();
      if (this.#workers.get(name) === worker) this.#workers.delete(name);
    };
    try {
      await worker.start();
    } catch (error) {
      await close();
      throw this.#asQueueError(error);
    }
    return { close };
  }

  async counts(name: string): Promise<JobCounts> {
    const counts = await this.#call(name, (queue) => queue.getJobCounts());
    const sum = (...states: string[]) => states.reduce((total, state) => total + (counts[state] ?? 0), 0);
    return {
      waiting: sum('waiting', 'prioritized', 'paused'),
      active: sum('active'),
      delayed: sum('delayed'),
      dead: sum('failed'),
    };
  }

  async listDead(name: string, page: { readonly offset: number; readonly limit: number }): Promise<DeadJob[]> {
    const offset = bounded(page.offset, { least: 0, most: DEEPEST_PAGE });
    const limit = bounded(page.limit, { least: 1, most: 200 });
    const jobs = await this.#call(name, (queue) => queue.getFailed(offset, offset + limit - 1));
    return jobs.map((job) => toDeadJob(name, job));
  }

  async retryDead(name: string, jobId: string): Promise<void> {
    await this.#onDead(name, jobId, (job) =>
      job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }),
    );
  }

  async removeDead(name: string, jobId: string): Promise<void> {
    await this.#onDead(name, jobId, (job) => job.remove());
  }

  async health(): Promise<QueueHealth> {
    const startedAt = performance.now();
    const backend = this.backend.kind;
    const latencyMs = () => Math.round(performance.now() - startedAt);
    try {
      this.#refuseWhenClosed();
      const { durable } = await within(this.settings.callMs, this.backend.check());
      return { backend, reachable: true, durable, latencyMs: latencyMs() };
    } catch (error) {
      this.settings.log.warn({ error }, 'queue.unreachable');
      return { backend, reachable: false, durable: false, latencyMs: latencyMs() };
    }
  }

  /** What Bull Board's BullMQAdapter takes, for its read-only mode: a job added there would bypass every check of this port. */
  async bullBoardQueues(names: readonly string[]): Promise<Queue[]> {
    return Promise.all(names.map((name) => this.#queue(parseJobName(name)) as Promise<unknown> as Promise<Queue>));
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    clearInterval(this.#depthTimer);
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
    const { callMs } = this.settings;
    const queues = [...this.#queues.values()];
    await Promise.allSettled(queues.map(async (queue) => within(callMs, (await queue).close())));
    await within(callMs, this.backend.close()).catch(() => undefined);
  }

  async #onDead(name: string, jobId: string, change: (job: Job<JobPayload, void>) => Promise<unknown>): Promise<void> {
    const id = parseJobId(jobId);
    await this.#call(name, async (queue) => {
      const job = await queue.getJob(id);
      if (job === undefined || !(await job.isFailed())) throw new AileronError('NOT_FOUND', { jobId: id });
      await change(job);
    });
  }

  async #call<T>(name: string, work: (queue: BullQueue) => Promise<T>): Promise<T> {
    parseJobName(name);
    this.#refuseWhenClosed();
    try {
      return await within(this.settings.callMs, this.#queue(name).then(work));
    } catch (error) {
      throw this.#asQueueError(error);
    }
  }

  /** BullMQ keeps a failed first connection for good: such a queue is thrown away. */
  #queue(name: string): Promise<BullQueue> {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const opening = this.#openQueue(name);
    this.#queues.set(name, opening);
    opening.catch(() => this.#queues.delete(name));
    return opening;
  }

  async #openQueue(name: string): Promise<BullQueue> {
    const queue = this.backend.createQueue(name);
    queue.on('error', (error) => this.settings.log.warn({ name, error }, 'queue.error'));
    try {
      await within(this.settings.callMs, queue.waitUntilReady());
      return queue;
    } catch (error) {
      queue.close().catch(() => undefined);
      throw error;
    }
  }

  async #reportDepth(): Promise<void> {
    for (const name of this.#workers.keys()) {
      const counts = await this.counts(name).catch(() => null);
      if (counts !== null) this.settings.metrics.depth?.({ name, ...counts });
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== null) throw new AileronError('QUEUE_UNAVAILABLE', { reason: 'closed' });
  }

  #asQueueError(error: unknown): AileronError {
    return AileronError.is(error) ? error : new AileronError('QUEUE_UNAVAILABLE', {}, { cause: error });
  }
}

function bounded(value: number, { least, most }: { least: number; most: number }): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'page', message: `${least} to ${most}` }] });
}
