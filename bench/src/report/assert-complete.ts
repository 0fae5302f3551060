import type { BenchOptions } from '../bench-options.js';
import type { BenchResult } from '../measure/bench-result.js';
import { WORKLOADS } from '../measure/workloads.js';
import { lackingFigures } from '../workspace/lacking-figures.js';

const isFigure = (value: number): boolean => Number.isFinite(value) && value > 0;

/** That there are figures, and that they can be figures at all. How large they are is for people to judge. */
export function assertComplete(result: BenchResult, options: BenchOptions): void {
  const wrong: string[] = [];
  for (const { name, memory } of result.contestants) {
    for (const workload of WORKLOADS) {
      const found = result.measurements.filter((m) => m.contestant === name && m.workload === workload);
      if (found.length !== options.rounds)
        wrong.push(`${name}, ${workload}: ${found.length} of ${options.rounds} rounds`);
      for (const { count, seconds, latencyMs } of found)
        if (![count, seconds, latencyMs.p50, latencyMs.p99].every(isFigure))
          wrong.push(`${name}, ${workload}: no figure`);
    }
    if ('failed' in memory.idleTunnels) wrong.push(`${name}, idle tunnels: ${memory.idleTunnels.failed}`);
  }
  const { workspace } = options;
  if (workspace !== 'only' && result.contestants.length === 0) wrong.push('nobody took part');
  if (workspace !== 'only' && options.micro && result.micro.length === 0)
    wrong.push('no figure of one thing at a time');
  for (const { name, p50, perSecond } of result.micro)
    if (![p50, perSecond].every(isFigure)) wrong.push(`${name}: no figure`);
  const profiled = options.profile && result.contestants.some(({ name }) => name === 'aileron');
  if (profiled && !result.profiles.some(({ steps }) => steps.length > 3)) wrong.push('the profile is empty');
  if (workspace !== 'no')
    wrong.push(...(result.workspace === null ? ['no workspace'] : lackingFigures(result.workspace)));
  if (wrong.length > 0) throw new Error(`the bench is not whole:\n${wrong.join('\n')}`);
}
