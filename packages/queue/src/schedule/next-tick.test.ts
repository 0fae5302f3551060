import { describe, expect, it } from '@jest/globals';
import { nextTick } from './next-tick.js';

const ticks = (cron: string, timeZone: string, from: string, count = 3): (string | undefined)[] => {
  const found: Date[] = [];
  for (let at = new Date(from); found.length < count; at = found.at(-1)!) found.push(nextTick({ cron, timeZone }, at)!);
  return found.map((tick) => tick.toISOString());
};

describe('The next tick of a schedule', () => {
  it('is after the instant, in the zone', () => {
    expect(ticks('0 9 * * 1-5', 'Europe/Berlin', '2026-11-06T08:00:00Z')).toEqual([
      '2026-11-09T08:00:00.000Z',
      '2026-11-10T08:00:00.000Z',
      '2026-11-11T08:00:00.000Z',
    ]);
  });

  it('is the end of the gap for a time that a change to summer time skips', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    // A gap of half an hour.
    expect(ticks('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-03T15:30:00.000Z',
      '2026-10-04T15:15:00.000Z',
    ]);
    // Midnight itself is skipped.
    expect(ticks('0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 1)).toEqual(['2018-11-04T03:00:00.000Z']);
  });

  it('is once for a time that a change back repeats, and every real half hour for one that is any hour’s', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(ticks('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:15:00Z', 4)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });

  it('is none for a day that never comes', () => {
    expect(nextTick({ cron: '0 0 31 2 *', timeZone: 'UTC' }, new Date())).toBeNull();
  });

  it('is refused for what is no schedule', () => {
    const broken = [
      '',
      '* * * *',
      '* * * * * *',
      '@daily',
      '60 * * * *',
      '* * * * * rm',
      `${'1,'.repeat(60)}1 * * * *`,
    ];
    for (const cron of broken) {
      expect(() => nextTick({ cron, timeZone: 'UTC' }, new Date())).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
    for (const timeZone of ['', 'Mars/Base', 'Europe/Berlin; DROP']) {
      expect(() => nextTick({ cron: '* * * * *', timeZone }, new Date())).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
  });
});
