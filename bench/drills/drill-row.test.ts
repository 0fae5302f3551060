import { describe, expect, it } from '@jest/globals';
import { rowOf, type Observed } from './drill-row.ts';
import type { Attempt, Strike } from './journal.ts';
import type { Kind } from './operation.ts';

const KILLED = 10_000;
const strike: Strike = {
  killedAt: KILLED,
  goneAt: KILLED + 10,
  bornAt: KILLED + 1_200,
  readyAt: KILLED + 1_250,
  unlocked: null,
  held: [{ marker: 'held-1', stood: 'held', code: 'OK' }],
};

let count = 0;
const attempt = (kind: Kind, startedAt: number, code = 'OK'): Attempt => {
  count += 1;
  return {
    kind,
    marker: `${kind}-${count}`,
    startedAt,
    endedAt: startedAt + 5,
    status: code === 'OK' ? 200 : 503,
    code,
  };
};

/** A run in which every promise held. */
function observed(changes: Partial<Observed> = {}): Observed {
  const before = (['read', 'stream', 'asked'] as const).map((kind) => attempt(kind, KILLED - 500));
  const attempts = [
    ...before,
    attempt('forbidden', KILLED - 400, 'OPERATION_UNKNOWN'),
    attempt('read', KILLED + 100, 'connection cut'),
    attempt('read', KILLED + 1_400),
  ];
  const good = attempts.filter(({ code }) => code === 'OK');
  return {
    target: 'proxy',
    recoverWithinMs: 5_000,
    attempts,
    arrivals: good.map(({ marker, startedAt }) => ({ marker, at: startedAt + 1, host: 'h', credentialed: true })),
    strikes: [strike],
    endedAt: KILLED + 5_000,
    unanswered: [],
    comparison: { answered: good.length, received: good.length, unknown: [], notSent: 0, differences: [] },
    auditFaults: [],
    ...changes,
  };
}

const broken = (changes: Partial<Observed>): readonly string[] => rowOf(observed(changes)).broken;
const arrival = (marker: string, at: number) => ({ marker, at, host: 'h', credentialed: true });

describe('a row of the drill', () => {
  it('breaks nothing where all went well, and counts it', () => {
    expect(rowOf(observed())).toMatchObject({
      sent: 6,
      answered: 4,
      refused: { OPERATION_UNKNOWN: 1, 'connection cut': 1 },
      recoveries: [{ ms: 1_405, since: 'kill' }],
      held: { all: 1, used: 1 },
      whileAway: { tried: 1, passed: 0 },
      broken: [],
    });
  });

  it('names reads that come back late, or not at all', () => {
    const late = [
      ...observed().attempts,
      attempt('read', KILLED + 6_000, 'UNAVAILABLE'),
      attempt('read', KILLED + 6_500),
    ];
    expect(broken({ attempts: late, endedAt: KILLED + 9_000 })).toEqual([
      expect.stringMatching(/^allowed reads needed 6\.5 s to recover from kill 1, counted from the kill/),
    ]);
    const never = [...observed().attempts, attempt('read', KILLED + 2_000, 'UNAVAILABLE')];
    expect(broken({ attempts: never })).toEqual(['allowed reads never recovered from kill 1']);
    expect(broken({ unanswered: ['read-7: UNAVAILABLE'] })).toEqual([expect.stringContaining('read-7: UNAVAILABLE')]);
  });

  it('blames each kill for what it broke', () => {
    const second = { ...strike, killedAt: KILLED + 3_000, goneAt: KILLED + 3_010, bornAt: KILLED + 3_400 };
    const open = { ...attempt('read', KILLED + 2_995, 'connection cut'), endedAt: KILLED + 3_005 };
    const attempts = [...observed().attempts, open, attempt('read', KILLED + 3_100, 'connection cut')];
    const strikes = [strike, second];
    expect(rowOf(observed({ strikes, attempts: [...attempts, attempt('read', KILLED + 3_500)] })).recoveries).toEqual([
      expect.objectContaining({ ms: 1_405 }),
      expect.objectContaining({ ms: 505 }),
    ]);
  });

  it('counts from the delivery of the keys where they were lost', () => {
    const unlocked = { from: KILLED + 1_300, to: KILLED + 1_400 };
    expect(rowOf(observed({ strikes: [{ ...strike, unlocked }] })).recoveries).toEqual([
      { ms: 5, since: 'unlock', sinceKillMs: 1_405 },
    ]);
  });

  it('names an approval that was lost, an operation that arrived twice and a forbidden one that arrived', () => {
    const held = [{ marker: 'held-1', stood: 'held' as const, code: 'APPROVAL_EXPIRED' }];
    expect(broken({ strikes: [{ ...strike, held }] })).toEqual(['an approval was lost: held-1 ended APPROVAL_EXPIRED']);
    const { attempts, arrivals } = observed();
    const twice = [...arrivals, arrival('asked-x', 5), arrival('asked-x', 6)];
    expect(broken({ attempts, arrivals: twice })).toEqual([expect.stringContaining('asked-x 2 times')]);
    const forbidden = attempts.find(({ kind }) => kind === 'forbidden')?.marker ?? '';
    expect(broken({ attempts, arrivals: [...arrivals, arrival(forbidden, 5)] })).toEqual([
      expect.stringContaining(`forbidden operations arrived: ${forbidden}`),
    ]);
  });

  it('names a request that arrived with something else than the credential', () => {
    const { attempts, arrivals } = observed();
    const placeholder = { ...arrival('read-x', 5), credentialed: false };
    expect(broken({ attempts, arrivals: [...arrivals, placeholder] })).toEqual([expect.stringContaining('read-x')]);
  });

  it('names what passed while enforcement was away, and not what was on its way at the kill', () => {
    const { attempts, arrivals } = observed();
    const sent = attempt('read', KILLED + 200);
    const early = attempt('read', KILLED - 1);
    const passed = [...arrivals, arrival(sent.marker, KILLED + 300), arrival(early.marker, KILLED + 20)];
    expect(broken({ attempts: [...attempts, sent, early], arrivals: passed })).toEqual([
      `1 requests passed while enforcement was away: ${sent.marker}`,
    ]);
  });

  it('asks of the management plane only that no approval is used while it is away', () => {
    const { attempts, arrivals } = observed();
    const [read, asked] = [attempt('read', KILLED + 200), attempt('asked', KILLED + 200)];
    const passed = [...arrivals, arrival(read.marker, KILLED + 210), arrival(asked.marker, KILLED + 210)];
    expect(broken({ target: 'mgmt-plane', attempts: [...attempts, read, asked], arrivals: passed })).toEqual([
      expect.stringContaining(asked.marker),
    ]);
  });

  it('names an audit that differs, or does not verify', () => {
    const { comparison } = observed();
    expect(
      broken({ comparison: { ...comparison, differences: ['read-9: 1 received, 0 answered, 0 unknown'] } }),
    ).toEqual([expect.stringContaining('read-9')]);
    expect(broken({ auditFaults: ['aus_1 does not verify'] })).toEqual(['audit: aus_1 does not verify']);
  });

  it('says that it proved nothing when nothing was tried', () => {
    expect(broken({ strikes: [] })).toContain('nothing was proven: nothing was killed');
    const { attempts, arrivals } = observed();
    const quiet = attempts.filter(({ startedAt }) => startedAt < KILLED || startedAt > KILLED + 1_300);
    expect(broken({ attempts: quiet, arrivals })).toContain('nothing was proven: nothing was tried while it was away');
    expect(broken({ attempts: attempts.filter(({ kind }) => kind !== 'stream') })).toContain(
      'nothing was proven: no stream was sent',
    );
  });
});
