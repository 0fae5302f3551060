import type { JobPayload } from './job-payload.js';

export interface Backoff {
  /** `exponential` doubles with each attempt, up to 15 minutes, less up to a fifth at random. */
  readonly kind: 'fixed' | 'exponential';
  readonly delayMs: number;
}

export interface AddJobOptions {
  /** A second job with this id and name is not added, as long as the first is known: see `completedSeconds`. */
  readonly jobId: string;
  readonly delayMs?: number;
  /** Runs that may fail before the job is dead. A run cut short by a killed worker does not count. */
  readonly attempts: number;
  readonly backoff: Backoff;
}

/** One run of a job. */
export interface RunningJob {
  readonly id: string;
  readonly name: string;
  readonly payload: JobPayload;
  /** From 1. */
  readonly attempt: number;
  /** Aborted at the deadline, when the lock is lost (another worker has the job), and when the queue closes. */
  readonly signal: AbortSignal;
}

/** Returns when the work is done, throws to have it tried again; a PermanentJobError makes the job dead at once. */
export type JobHandler = (job: RunningJob) => Promise<void>;

export interface WorkOptions {
  /** Jobs of this name that run at once in this process. */
  readonly concurrency: number;
  /** A worker that was not heard of for so long loses its jobs: another has them at most 2 × `lockMs` later. */
  readonly lockMs: number;
  /** Deadline of a run. */
  readonly timeoutMs: number;
  /** Times that a job may lose its worker before it is dead: it may be what kills them. Default 10. */
  readonly mostStalls?: number;
}

/** The jobs of one name in one process. */
export interface JobWorker {
  /** Takes no more jobs, lets those that run finish within the queue's `drainMs`, gives back the rest. */
  close(): Promise<void>;
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly dead: number;
}

/** A job that is not tried any more. */
export interface DeadJob {
  readonly id: string;
  readonly name: string;
  readonly payload: JobPayload;
  readonly attempts: number;
  /** Why: an error code, or a message without credentials. */
  readonly reason: string;
  readonly addedAt: Date;
  readonly diedAt: Date;
}

export interface QueueHealth {
  readonly backend: 'postgres' | 'redis';
  readonly reachable: boolean;
  /** Whether what `add` has confirmed survives a crash of the server. A Redis without append-only file: no. */
  readonly durable: boolean;
  readonly latencyMs: number;
}

/**
 * Jobs by name: at least once, in the order of adding as long as nothing fails, idempotent by id.
 * Every call ends within `callMs`. @throws QUEUE_UNAVAILABLE, INVALID_ARGUMENT
 */
export interface JobQueue {
  /** Confirmed when this returns. After QUEUE_UNAVAILABLE it may or may not be there: add it again, same id. */
  add(name: string, payload: JobPayload, options: AddJobOptions): Promise<void>;
  work(name: string, handler: JobHandler, options: WorkOptions): Promise<JobWorker>;
  counts(name: string): Promise<JobCounts>;
  /** Latest first. */
  listDead(name: string, page: { readonly offset: number; readonly limit: number }): Promise<DeadJob[]>;
  /** Tries a dead job again, with all its attempts. @throws NOT_FOUND unless it is dead */
  retryDead(name: string, jobId: string): Promise<void>;
  /** Forgets a dead job, so that its id can be added again. @throws NOT_FOUND unless it is dead */
  removeDead(name: string, jobId: string): Promise<void>;
  /** Never throws. */
  health(): Promise<QueueHealth>;
  /** Drains every worker (see JobWorker.close), then disconnects. */
  close(): Promise<void>;
}
