import { describe, expect, it } from '@jest/globals';
import type { ContestantName } from '../contestants/contestant.js';
import type { BenchResult } from '../measure/bench-result.js';
import type { Measurement } from '../measure/measurement.js';
import { assertComplete } from './assert-complete.js';
import { renderReport } from './render-report.js';
import { summarise, timesSquid } from './summary.js';

const turn = (contestant: ContestantName, round: number, cpuMicros: number, p50: number): Measurement => ({
  contestant,
  workload: 'rest.saturate',
  round,
  count: 100,
  seconds: 2,
  cpuMicros,
  latencyMs: { count: 100, p50, p99: p50 * 2, max: p50 * 3 },
});
const memory = { started: 1e6, afterLoad: 2e6, idleTunnels: { tunnels: 10, bytes: 3e6 } };
const result: BenchResult = {
  at: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  short: false,
  seed: 1,
  rounds: 2,
  machine: { cpu: 'c', cores: 2, memoryBytes: 2 ** 34, kernel: 'k', node: 'n', loadBefore: 0, loadAfter: 0 },
  contestants: [{ name: 'squid', version: 'squid 1', memory, eventLoop: {} }],
  skipped: [{ name: 'mitmproxy', reason: 'mitmproxy is not installed' }],
  measurements: [
    turn('direct', 1, 0, 1),
    turn('direct', 2, 0, 5),
    turn('squid', 1, 10_000, 2),
    turn('squid', 2, 10_000, 6),
    turn('aileron', 1, 20_000, 4),
    turn('aileron', 2, 30_000, 8),
  ],
  failures: [{ contestant: 'squid', workload: 'up', round: 1, reason: 'the connection was closed' }],
  generatorCheck: null,
  micro: [],
  profiles: [],
  workspace: null,
};

describe('a summary', () => {
  it('counts what is added from the direct way of the same round', () => {
    expect(summarise(result, 'squid', 'rest.saturate')).toMatchObject({
      perSecond: 50,
      cpuMicros: 100,
      addedP50: 1,
      addedP99: 2,
    });
  });

  it('is nothing where nothing was measured', () => {
    expect(summarise(result, 'squid', 'cold')).toBeNull();
    expect(timesSquid(result, 'aileron', 'cold')).toBeNaN();
  });

  it('sets the CPU against that of squid', () => {
    expect(timesSquid(result, 'aileron', 'rest.saturate')).toBe(2);
  });
});

describe('a report', () => {
  const report = renderReport(result);
  it.each([
    'mitmproxy is not installed',
    'squid up, 1 × (the connection was closed)',
    '| mitmproxy | left out |',
    '| squid | 1.00 | 2.00 | 3.00 | 10 |',
  ])('says %s', (text) => expect(report).toContain(text));
});

describe('a run that lacks figures', () => {
  it('fails, and names what lacks', () => {
    const amount = { seed: 1, short: true, contestants: [], rounds: 2, micro: false, profile: false };
    const options = { ...amount, workspace: 'no', publish: false } as const;
    expect(() => assertComplete(result, options)).toThrow('squid, cold: 0 of 2 rounds');
  });
});
