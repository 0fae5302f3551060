import type { JobCounts } from './job-queue.port.js';

/** Where this package tells what happened; a pino logger fits. */
export interface QueueLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
}

/** `returned`: given back unfinished because the queue closes. */
export type JobOutcome = 'completed' | 'failed' | 'dead' | 'returned';

/** Called as things happen; must not throw. */
export interface QueueMetrics {
  started?(event: { readonly name: string; readonly waitedMs: number }): void;
  finished?(event: { readonly name: string; readonly outcome: JobOutcome; readonly durationMs: number }): void;
  /** A worker was lost with a job, which another one gets. */
  stalled?(event: { readonly name: string }): void;
  /** Every `depthEveryMs`, of each name that this process works on. */
  depth?(event: JobCounts & { readonly name: string }): void;
}
