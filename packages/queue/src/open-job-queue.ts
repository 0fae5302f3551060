import { AileronError } from '@aileron/errors';
import type { BullMqBackend } from './bullmq/bullmq-backend.js';
import { BullMqJobQueue } from './bullmq/bullmq-job-queue.js';
import { PostgresBackend } from './bullmq/postgres-backend.js';
import { RedisBackend } from './bullmq/redis-backend.js';
import type { QueueLog, QueueMetrics } from './queue-events.js';
import { within } from './within.js';

export interface OpenJobQueueOptions {
  /** Where the jobs are: a Redis (`redis://`, `rediss://` or the path of its Unix socket), else a Postgres. */
  readonly server: { readonly redisUrl: string } | { readonly databaseUrl: string };
  /** Redis only: before every key, so that installations can share one. Default `aileron`. */
  readonly prefix?: string;
  /** Connections to Postgres, beside one for each worker. Default 6. */
  readonly poolSize?: number;
  /** Deadline of every call. Default 5,000. */
  readonly callMs?: number;
  /** For the runs under way when the queue closes. Default 20,000. */
  readonly drainMs?: number;
  /** For a handler whose signal was aborted. Default 2,000. */
  readonly graceMs?: number;
  /** How long the id of a completed job is known, so that the job is not added again. Default an hour. */
  readonly completedSeconds?: number;
  /** How long a dead job is kept. Default 30 days. */
  readonly deadSeconds?: number;
  readonly depthEveryMs?: number;
  readonly log?: QueueLog;
  readonly metrics?: QueueMetrics;
  readonly random?: () => number;
  readonly now?: () => number;
}

const SILENT: QueueLog = { info: () => undefined, warn: () => undefined };

/** @throws QUEUE_UNAVAILABLE when the server does not answer, is not migrated, or may evict jobs */
export async function openJobQueue(options: OpenJobQueueOptions): Promise<BullMqJobQueue> {
  const { callMs = 5_000, log = SILENT } = options;
  const backend = createBackend(options, { callMs, log });
  try {
    await within(callMs, backend.check());
  } catch (error) {
    await within(callMs, backend.close()).catch(() => undefined);
    throw AileronError.is(error) ? error : new AileronError('QUEUE_UNAVAILABLE', {}, { cause: error });
  }
  return new BullMqJobQueue(backend, {
    callMs,
    log,
    drainMs: options.drainMs ?? 20_000,
    graceMs: options.graceMs ?? 2_000,
    completedSeconds: options.completedSeconds ?? 3_600,
    deadSeconds: options.deadSeconds ?? 30 * 86_400,
    depthEveryMs: options.depthEveryMs ?? 10_000,
    metrics: options.metrics ?? {},
    random: options.random ?? Math.random,
    now: options.now ?? Date.now,
  });
}

function createBackend(
  { server, prefix = 'aileron', poolSize = 6 }: OpenJobQueueOptions,
  { callMs, log }: { callMs: number; log: QueueLog },
): BullMqBackend {
  if ('databaseUrl' in server) return new PostgresBackend({ databaseUrl: server.databaseUrl, callMs, poolSize });
  const onError = (error: Error) => log.warn({ error }, 'queue.redis-error');
  return new RedisBackend({ redisUrl: server.redisUrl, callMs, prefix, onError });
}
