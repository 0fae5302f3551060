import { AileronError } from '@aileron/errors';
import type { AddJobOptions, JobHandler } from '@aileron/queue';
import type { Logger } from '@aileron/telemetry';

/**
 * A run fails when the database or the engine goes away under it, also one that was done and could not be recorded.
 * A second run is harmless: what was claimed is not claimed again. Together about 8 s.
 */
export const JOB_TRIES = {
  attempts: 6,
  backoff: { kind: 'exponential', delayMs: 250 },
} as const satisfies Omit<AddJobOptions, 'jobId'>;

/** Lets the last run of a job end although something was away: its workspace asks again with another job. What is a bug stays, as a dead job. */
export function endingWhenAway(handler: JobHandler, logger: Logger): JobHandler {
  return async (job) => {
    try {
      await handler(job);
    } catch (error) {
      if (job.attempt < JOB_TRIES.attempts || !wasAway(error)) throw error;
      logger.warn({ err: error, jobId: job.id, name: job.name }, 'workspace.job-given-up');
    }
  };
}

function wasAway(error: unknown): boolean {
  if (AileronError.is(error)) return ['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(error.definition.grpc);
  return (error as { name?: unknown } | null)?.name === 'TimeoutError';
}
