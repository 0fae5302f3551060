import { AileronError } from '@aileron/errors';
import { type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { failureReason } from '../failure-reason.js';
import { type JobPayload, parseJobPayload } from '../job-payload.js';
import type { JobHandler, JobWorker, WorkOptions } from '../job-queue.port.js';
import { PermanentJobError } from '../permanent-job-error.js';
import type { JobOutcome, QueueLog, QueueMetrics } from '../queue-events.js';
import { within } from '../within.js';
import type { BullMqBackend, BullWorker } from './bullmq-backend.js';
import { JobRun } from './job-run.js';
import { retryDelay } from './retry-delay.js';

const MOST_STALLS = 10;
/** BullMQ's wait before it asks an unreachable server again. */
const RECONNECT_MS = 500;

export interface BullMqWorkerSettings {
  readonly callMs: number;
  readonly drainMs: number;
  readonly graceMs: number;
  readonly log: QueueLog;
  readonly metrics: QueueMetrics;
  readonly random: () => number;
  readonly now: () => number;
}

type BullJob = Job<JobPayload, void>;

/** The jobs of one name, run by one BullMQ worker. */
export class BullMqWorker implements JobWorker {
  readonly #runs = new Map<string, JobRun>();
  readonly #worker: BullWorker;
  #closed: Promise<void> | null = null;

  constructor(
    backend: BullMqBackend,
    private readonly name: string,
    private readonly handler: JobHandler,
    private readonly options: WorkOptions,
    private readonly settings: BullMqWorkerSettings,
  ) {
    const { concurrency, lockMs, mostStalls = MOST_STALLS } = options;
    this.#worker = backend.createWorker(name, (job, token) => this.#process(job, token), {
      autorun: false,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: mostStalls,
      runRetryDelay: RECONNECT_MS,
      settings: {
        backoffStrategy: (attempt, _type, _error, job) =>
          retryDelay({ attempt, delayMs: delayOf(job), random: settings.random() }),
      },
    });
    this.#worker.on('error', (error) => settings.log.warn({ name, error }, 'queue.worker-error'));
    this.#worker.on('stalled', () => settings.metrics.stalled?.({ name }));
    this.#worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => this.#runs.get(id)?.abort('CONFLICT')));
  }

  /** Begins to take jobs. @throws QUEUE_UNAVAILABLE */
  async start(): Promise<void> {
    await within(this.settings.callMs, this.#worker.waitUntilReady());
    this.#worker.run().catch((error: unknown) => {
      this.settings.log.warn({ name: this.name, error }, 'queue.worker-ended');
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    const { drainMs, graceMs, callMs, log } = this.settings;
    // Takes no more, and resolves once those taken have ended. close() alone could not be cut short.
    const drained = this.#worker.pause();
    if (!(await endsWithin(drainMs, drained))) {
      log.warn({ name: this.name, running: this.#runs.size }, 'queue.drain-cut');
      for (const run of this.#runs.values()) run.abort('CANCELLED');
      await endsWithin(graceMs + callMs, drained);
    }
    // What is active still is given to another worker once its lock ends.
    await endsWithin(callMs, this.#worker.close(true));
  }

  async #process(job: BullJob, token: string | undefined): Promise<void> {
    const { metrics, now } = this.settings;
    const startedAt = now();
    const run = new JobRun();
    const id = job.id ?? '';
    metrics.started?.({ name: this.name, waitedMs: Math.max(0, startedAt - job.timestamp - job.delay) });
    this.#runs.set(id, run);
    const finish = (outcome: JobOutcome) =>
      metrics.finished?.({ name: this.name, outcome, durationMs: now() - startedAt });
    try {
      await this.#execute(job, run);
      finish('completed');
    } catch (error) {
      if (run.cut === 'CANCELLED') {
        await job.moveToWait(token);
        finish('returned');
        throw new WaitingError();
      }
      const failure = toBullError(error);
      finish(isLast(job, failure) ? 'dead' : 'failed');
      this.settings.log.warn({ name: this.name, jobId: id, attempt: job.attemptsMade + 1, error }, 'queue.job-failed');
      throw failure;
    } finally {
      this.#runs.delete(id);
    }
  }

  async #execute(job: BullJob, run: JobRun): Promise<void> {
    const payload = readPayload(job.data);
    const attempt = job.attemptsMade + 1;
    await run.execute((signal) => this.handler({ id: job.id ?? '', name: this.name, payload, attempt, signal }), {
      timeoutMs: this.options.timeoutMs,
      graceMs: this.settings.graceMs,
    });
  }
}

function readPayload(data: unknown): JobPayload {
  try {
    return parseJobPayload(data);
  } catch (error) {
    throw new PermanentJobError('INVALID_ARGUMENT', { cause: error });
  }
}

/** What BullMQ stores: our reason, and no stack. */
function toBullError(error: unknown): Error {
  const reason = failureReason(error);
  const failure = error instanceof PermanentJobError ? new UnrecoverableError(reason) : new Error(reason);
  failure.stack = '';
  return failure;
}

const isLast = (job: BullJob, failure: Error): boolean =>
  failure instanceof UnrecoverableError || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);

function delayOf(job: { opts: BullJob['opts'] } | undefined): number {
  const backoff = job?.opts.backoff;
  return typeof backoff === 'object' ? (backoff.delay ?? 0) : 0;
}

/** Whether it ended in time; its error counts as an end. */
async function endsWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  return within(timeoutMs, work).then(
    () => true,
    (error: unknown) => !AileronError.is(error, 'QUEUE_UNAVAILABLE'),
  );
}
