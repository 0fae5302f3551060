import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { parseAddOptions, parseJobName } from '../job-options.js';
import { type JobPayload, parseJobPayload } from '../job-payload.js';
import type { AddJobOptions } from '../job-queue.port.js';
import { tableIn } from '../outbox/outbox-entry.js';
import type { SqlStatement } from '../outbox/sql-statement.js';
import { parseArgument } from '../parse-argument.js';
import { type CronSchedule, nextTick } from './next-tick.js';

/** A job that repeats. Its ticks have the job ids `<id>.<seconds since 1970>`. */
export interface JobSchedule extends CronSchedule {
  readonly id: string;
  readonly name: string;
  readonly payload: JobPayload;
  readonly options: Omit<AddJobOptions, 'jobId' | 'delayMs'>;
}

const scheduleId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);

export const tickJobId = (scheduleId: string, tick: Date): string =>
  `${scheduleId}.${Math.floor(tick.getTime() / 1_000)}`;

/** Makes the schedule or replaces it, from the first tick after `now` on. @throws INVALID_ARGUMENT */
export function scheduleUpsert(schema: string, schedule: JobSchedule, now: Date): SqlStatement {
  const { cron, timeZone, name, payload, options } = schedule;
  const id = parseArgument(scheduleId, schedule.id, 'id');
  const next = nextTick({ cron, timeZone }, now);
  if (next === null) {
    throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'cron', message: 'never comes due' }] });
  }
  parseAddOptions({ ...options, jobId: tickJobId(id, next) });
  return {
    text: `INSERT INTO ${tableIn(schema, 'job_schedule')} (id, job_name, payload, options, cron, time_zone, next_at)
           VALUES ($1, $2, $3::jsonb, $4::jsonb, $5, $6, $7)
           ON CONFLICT (id) DO UPDATE SET job_name = excluded.job_name, payload = excluded.payload, options = excluded.options,
             cron = excluded.cron, time_zone = excluded.time_zone, next_at = excluded.next_at, refusal = NULL`,
    values: [
      id,
      parseJobName(name),
      JSON.stringify(parseJobPayload(payload)),
      JSON.stringify(options),
      cron,
      timeZone,
      next,
    ],
  };
}

export const scheduleRemove = (schema: string, id: string): SqlStatement => ({
  text: `DELETE FROM ${tableIn(schema, 'job_schedule')} WHERE id = $1`,
  values: [parseArgument(scheduleId, id, 'id')],
});
