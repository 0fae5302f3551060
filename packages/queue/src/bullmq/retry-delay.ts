import type { Backoff } from '../job-queue.port.js';
import type { JobsOptions } from 'bullmq';

const LONGEST_MS = 15 * 60_000;
const JITTER = 0.2;
const CAPPED = 'capped';

/** BullMQ's own exponential strategy has no upper bound: ours is a custom one, named in the job. */
export const toBullBackoff = ({ kind, delayMs }: Backoff): NonNullable<JobsOptions['backoff']> => ({
  type: kind === 'fixed' ? 'fixed' : CAPPED,
  delay: delayMs,
});

/** @param attempt the one that has failed, from 1 @param random in [0, 1) */
export function retryDelay(input: { attempt: number; delayMs: number; random: number }): number {
  const doubled = Math.min(LONGEST_MS, input.delayMs * 2 ** Math.min(input.attempt - 1, 30));
  return Math.round(doubled * (1 - JITTER * input.random));
}
