import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.fixture.js';
import type { SqlStatement } from '../outbox/sql-statement.js';
import { createServiceSchema, type ServiceSchema } from '../service-schema.fixture.js';
import { type JobSchedule, scheduleRemove, scheduleUpsert } from './job-schedule.js';
import { ScheduleTicker } from './schedule-ticker.js';

const START = new Date('2026-03-28T12:00:00Z');
const NIGHTLY: JobSchedule = {
  id: 'nightly-report',
  name: 'test.report',
  payload: { automationId: 'a1' },
  options: { attempts: 3, backoff: { kind: 'exponential', delayMs: 1_000 } },
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
};

describe('Schedules', () => {
  let service: ServiceSchema;
  let now = START;
  const tickers: ScheduleTicker[] = [];

  beforeAll(async () => {
    service = await createServiceSchema();
  });
  beforeEach(async () => {
    now = START;
    await service.pool.query(`DELETE FROM ${service.schema}.outbox; DELETE FROM ${service.schema}.job_schedule`);
  });
  afterEach(async () => {
    await Promise.all(tickers.splice(0).map((ticker) => ticker.close()));
  });
  afterAll(() => service.drop());

  const run = ({ text, values }: SqlStatement) => service.pool.query(text, [...values]);
  const startTicker = () => {
    const { databaseUrl, schema } = service;
    tickers.push(ScheduleTicker.start({ databaseUrl, schema, pollMs: 20, now: () => now }));
  };
  const jobs = async () =>
    (await service.pool.query(`SELECT job_id, job_name, payload, options FROM ${service.schema}.outbox ORDER BY id`))
      .rows;
  const schedules = async () =>
    (await service.pool.query(`SELECT id, next_at, last_at, refusal FROM ${service.schema}.job_schedule ORDER BY id`))
      .rows;

  it('become jobs in the outbox when they are due, each tick once, with several tickers', async () => {
    await run(scheduleUpsert(service.schema, NIGHTLY, now));
    for (let count = 0; count < 3; count += 1) startTicker();
    expect(await jobs()).toEqual([]);
    // The first is in the gap of summer time.
    const due = ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z', '2026-03-31T00:30:00Z'];
    for (const [index, tick] of due.entries()) {
      now = new Date(tick);
      await eventually(jobs, (rows) => rows.length === index + 1);
    }
    await eventually(schedules, ([row]) => row?.next_at > now);
    const rows = await jobs();
    expect(rows.map(({ job_id }) => job_id)).toEqual(due.map((tick) => `nightly-report.${Date.parse(tick) / 1_000}`));
    expect(rows[0]).toMatchObject({
      job_name: 'test.report',
      payload: { automationId: 'a1' },
      options: { ...NIGHTLY.options, jobId: rows[0].job_id },
    });
  });

  it('make up for the ticks of a pause by one', async () => {
    await run(scheduleUpsert(service.schema, { ...NIGHTLY, cron: '0 * * * *' }, now));
    now = new Date('2026-04-02T12:30:00Z');
    startTicker();
    await eventually(schedules, ([row]) => row?.last_at !== null);
    expect((await schedules())[0]).toMatchObject({
      last_at: new Date('2026-03-28T13:00:00Z'),
      next_at: new Date('2026-04-02T13:00:00Z'),
    });
    expect(await jobs()).toHaveLength(1);
  });

  it('are replaced and removed', async () => {
    await run(scheduleUpsert(service.schema, NIGHTLY, now));
    await run(scheduleUpsert(service.schema, { ...NIGHTLY, cron: '0 15 * * *', timeZone: 'UTC' }, now));
    expect(await schedules()).toMatchObject([{ next_at: new Date('2026-03-28T15:00:00Z') }]);
    await run(scheduleRemove(service.schema, NIGHTLY.id));
    expect(await schedules()).toEqual([]);
  });

  it('that are broken in the table stop none of the others', async () => {
    await run(scheduleUpsert(service.schema, NIGHTLY, now));
    await run(scheduleUpsert(service.schema, { ...NIGHTLY, id: 'broken' }, now));
    await service.pool.query(`UPDATE ${service.schema}.job_schedule SET time_zone = 'Mars/Base' WHERE id = 'broken'`);
    now = new Date('2026-03-29T03:00:00Z');
    startTicker();
    await eventually(jobs, (rows) => rows.length === 1);
    expect(await eventually(schedules, ([row]) => row?.refusal !== null)).toMatchObject([
      { id: 'broken', next_at: null, refusal: 'INVALID_ARGUMENT' },
      { id: 'nightly-report', refusal: null },
    ]);
  });

  it('are refused when they could not run', () => {
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    const wrong: Partial<JobSchedule>[] = [
      { id: 'a:b' },
      { cron: '0 0 31 2 *' },
      { payload: { token: 'x' } },
      { name: 'No' },
      { options: { attempts: 0, backoff: { kind: 'fixed', delayMs: 0 } } },
    ];
    for (const each of wrong) {
      expect(() => scheduleUpsert(service.schema, { ...NIGHTLY, ...each }, now)).toThrow(refused);
    }
    expect(() => scheduleUpsert('bad"schema', NIGHTLY, now)).toThrow(refused);
  });
});
