import { CONTESTANTS, type ContestantName } from '../contestants/contestant.js';
import type { BenchResult } from '../measure/bench-result.js';
import type { Measurement } from '../measure/measurement.js';
import { median } from '../measure/percentile.js';
import type { Workload } from '../measure/workloads.js';

/** One contestant at one workload: medians over the rounds. */
export interface Summary {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
  /** Beyond what the direct way took in the same round. */
  readonly addedP50: number;
  readonly addedP99: number;
}

/** Null when it was not measured. */
export function summarise(result: BenchResult, contestant: ContestantName, workload: Workload): Summary | null {
  const of = (name: ContestantName): readonly Measurement[] =>
    result.measurements.filter((m) => m.contestant === name && m.workload === workload);
  const own = of(contestant);
  if (own.length === 0) return null;
  const direct = new Map(of('direct').map((m) => [m.round, m.latencyMs]));
  const added = (which: 'p50' | 'p99'): number =>
    median(own.map((m) => m.latencyMs[which] - (direct.get(m.round)?.[which] ?? Number.NaN)));
  return {
    perSecond: median(own.map((m) => m.count / m.seconds)),
    cpuMicros: median(own.map((m) => m.cpuMicros / m.count)),
    p50: median(own.map((m) => m.latencyMs.p50)),
    p99: median(own.map((m) => m.latencyMs.p99)),
    addedP50: added('p50'),
    addedP99: added('p99'),
  };
}

/** As multiples of squid's CPU in the same run; NaN where there is no squid. */
export function timesSquid(result: BenchResult, contestant: ContestantName, workload: Workload): number {
  const squid = summarise(result, 'squid', workload)?.cpuMicros ?? Number.NaN;
  return (summarise(result, contestant, workload)?.cpuMicros ?? Number.NaN) / squid;
}

/** In the order of the table, those that were not there too. */
export const rowsOf = (result: BenchResult): readonly ContestantName[] =>
  CONTESTANTS.filter(
    (name) => name === 'direct' || [...result.contestants, ...result.skipped].some((row) => row.name === name),
  );
