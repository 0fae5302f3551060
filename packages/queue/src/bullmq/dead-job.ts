import type { Job } from 'bullmq';
import type { JobPayload } from '../job-payload.js';
import type { DeadJob } from '../job-queue.port.js';

export const toDeadJob = (name: string, job: Job<JobPayload, void>): DeadJob => ({
  id: job.id ?? '',
  name,
  payload: job.data,
  attempts: job.attemptsMade,
  reason: job.failedReason,
  addedAt: new Date(job.timestamp),
  diedAt: new Date(job.finishedOn ?? job.timestamp),
});
