import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { type RefusalRecord, type SessionIdentity } from '../exchange.js';
import { RefusalTally } from './refusal-tally.js';

function tallied() {
  const time = { now: 0 };
  const records: { host: string | null; count: number; sessionId: string }[] = [];
  const tally = new RefusalTally<SessionIdentity>({
    clock: { now: () => time.now },
    record: ({ host, session }, count) => void records.push({ host, count, sessionId: session?.sessionId ?? '' }),
  });
  const refuse = (host: string, sessionId = 'ses_a') => {
    const session = { tenantId: 'ten_a', sessionId };
    const error = new AileronError('FIREWALL_REFUSED', { host });
    const refusal: RefusalRecord<SessionIdentity> = {
      session,
      socketSessionId: null,
      stage: 'accept',
      host,
      port: 443,
      error,
    };
    tally.count({ ...refusal, session });
  };
  const sumOf = (host: string | null) =>
    records.filter((record) => record.host === host).reduce((sum, { count }) => sum + count, 0);
  return { time, records, tally, refuse, sumOf };
}

describe('refusals of the firewall', () => {
  it('of one host are on record at once, and then as a number', () => {
    const { records, tally, refuse, sumOf } = tallied();
    for (let i = 0; i < 100_000; i++) refuse('a.example');
    expect(records).toEqual([{ host: 'a.example', count: 1, sessionId: 'ses_a' }]);
    tally.closeWindows();
    expect(sumOf('a.example')).toBe(100_000);
    expect(records).toHaveLength(2);
    tally.closeWindows();
    tally.closeWindows();
    expect(records).toHaveLength(2);
  });

  it('of ever other hosts cannot fill the log, and none is missing in the sum', () => {
    const { time, records, tally, refuse } = tallied();
    for (let window = 0; window < 10; window++) {
      for (let i = 0; i < 10_000; i++) refuse(`h${i}.example`);
      time.now += 15_000;
      tally.closeWindows();
    }
    expect(records.length).toBeLessThanOrEqual(10 * 51);
    expect(records.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
    expect(records.filter(({ host }) => host === null).every(({ count }) => count === 9_950)).toBe(true);
  });

  it('of one session do not hide those of another', () => {
    const { records, tally, refuse } = tallied();
    for (let i = 0; i < 1_000; i++) refuse(`h${i}.example`, 'ses_a');
    refuse('seen.example', 'ses_b');
    expect(records.at(-1)).toEqual({ host: 'seen.example', count: 1, sessionId: 'ses_b' });
    refuse('seen.example', 'ses_b');
    tally.closeWindow('ses_b');
    expect(records.at(-1)).toEqual({ host: 'seen.example', count: 1, sessionId: 'ses_b' });
  });
});
