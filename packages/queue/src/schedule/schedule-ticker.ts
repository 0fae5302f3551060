import { setTimeout as delay } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { Pool, type PoolClient } from 'pg';
import { type OutboxEntry, outboxInsert, tableIn } from '../outbox/outbox-entry.js';
import type { QueueLog } from '../queue-events.js';
import { within } from '../within.js';
import { type JobSchedule, tickJobId } from './job-schedule.js';
import { nextTick } from './next-tick.js';

const BATCH = 50;
const CALL_MS = 10_000;

export interface ScheduleTickerOptions {
  readonly databaseUrl: string;
  /** Has both tables: `outbox` and `job_schedule`. */
  readonly schema: string;
  /** Default 1,000: a tick is that late at most. */
  readonly pollMs?: number;
  readonly now?: () => Date;
  readonly log?: QueueLog;
}

interface DueRow {
  readonly id: string;
  readonly job_name: string;
  readonly payload: JobSchedule['payload'];
  readonly options: JobSchedule['options'];
  readonly cron: string;
  readonly time_zone: string;
  readonly next_at: Date;
}

/**
 * Writes what comes due to the outbox and sets the next tick, in one transaction: each tick once, whichever of several
 * tickers sees it first. Ticks missed while none ran become one.
 */
export class ScheduleTicker {
  readonly #ending = new AbortController();
  readonly #pool: Pool;
  readonly #finished: Promise<void>;

  private constructor(private readonly options: ScheduleTickerOptions) {
    this.#pool = new Pool({
      connectionString: options.databaseUrl,
      application_name: 'aileron-schedules',
      max: 1,
      connectionTimeoutMillis: 5_000,
      query_timeout: CALL_MS,
    });
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#finished = this.#run();
  }

  static start(options: ScheduleTickerOptions): ScheduleTicker {
    return new ScheduleTicker(options);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await within(CALL_MS, this.#finished).catch(() => undefined);
    await within(CALL_MS, this.#pool.end()).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        while ((await this.#tick()) === BATCH && !signal.aborted);
      } catch (error) {
        this.options.log?.warn({ schema: this.options.schema, error }, 'schedule.tick-failed');
      }
      await delay(this.options.pollMs ?? 1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns the schedules that were due */
  async #tick(): Promise<number> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      await client.query('BEGIN');
      const now = this.options.now?.() ?? new Date();
      const { rows } = await client.query<DueRow>(
        `SELECT id, job_name, payload, options, cron, time_zone, next_at FROM ${this.#table}
         WHERE next_at <= $1 ORDER BY next_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
        [now],
      );
      for (const row of rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))) await this.#take(client, row, now);
      await client.query('COMMIT');
      broken = false;
      return rows.length;
    } finally {
      // A transaction left open ends with its connection.
      client.release(broken);
    }
  }

  async #take(client: PoolClient, row: DueRow, now: Date): Promise<void> {
    try {
      const next = nextTick({ cron: row.cron, timeZone: row.time_zone }, now);
      const { text, values } = outboxInsert(this.options.schema, toEntry(row));
      await client.query(text, [...values]);
      await client.query(`UPDATE ${this.#table} SET next_at = $2, last_at = $3 WHERE id = $1`, [
        row.id,
        next,
        row.next_at,
      ]);
    } catch (error) {
      if (!AileronError.is(error, 'INVALID_ARGUMENT')) throw error;
      this.options.log?.warn({ schedule: row.id, error }, 'schedule.refused');
      await client.query(`UPDATE ${this.#table} SET next_at = NULL, refusal = $2 WHERE id = $1`, [row.id, error.code]);
    }
  }

  get #table(): string {
    return tableIn(this.options.schema, 'job_schedule');
  }
}

const toEntry = (row: DueRow): OutboxEntry => ({
  orderKey: row.id,
  name: row.job_name,
  payload: row.payload,
  options: { ...row.options, jobId: tickJobId(row.id, row.next_at) },
});
