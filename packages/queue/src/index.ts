export { migrateQueueSchema, QUEUE_ROLE } from './bullmq/queue-schema.js';
export type { BullMqJobQueue } from './bullmq/bullmq-job-queue.js';
export { type JobPayload, parseJobPayload } from './job-payload.js';
export type {
  AddJobOptions,
  Backoff,
  DeadJob,
  JobCounts,
  JobHandler,
  JobQueue,
  JobWorker,
  QueueHealth,
  RunningJob,
  WorkOptions,
} from './job-queue.port.js';
export { openJobQueue, type OpenJobQueueOptions } from './open-job-queue.js';
export { outboxBacklog } from './outbox/outbox-backlog.js';
export { type OutboxEntry, outboxInsert } from './outbox/outbox-entry.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox/outbox-relay.js';
export type { SqlStatement } from './outbox/sql-statement.js';
export { PermanentJobError } from './permanent-job-error.js';
export type { JobOutcome, QueueLog, QueueMetrics } from './queue-events.js';
export { type JobSchedule, scheduleRemove, scheduleUpsert } from './schedule/job-schedule.js';
export { nextTick, type CronSchedule } from './schedule/next-tick.js';
export { ScheduleTicker, type ScheduleTickerOptions } from './schedule/schedule-ticker.js';
