import { percentile } from '../measure/percentile.js';
import type { MicroFigure } from './micro-figure.js';

export interface TimeOptions {
  readonly name: string;
  readonly count: number;
  /** How many are under way at once. */
  readonly atOnce?: number;
}

/** Does one thing so many times, after as many as a tenth of them to warm up. `work` is told which one it is. */
export async function timeEach(
  { name, count, atOnce = 1 }: TimeOptions,
  work: (index: number) => unknown,
): Promise<MicroFigure> {
  let next = 0;
  let last = 0;
  let micros: number[] = [];
  const worker = async (): Promise<void> => {
    while (next < last) {
      const index = next++;
      const before = performance.now();
      const done = work(index);
      if (done instanceof Promise) await done;
      micros.push((performance.now() - before) * 1_000);
    }
  };
  const runTo = async (end: number): Promise<void> => {
    last = end;
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  const warmUp = Math.ceil(count / 10);
  await runTo(warmUp);
  micros = [];
  const startedAt = performance.now();
  await runTo(warmUp + count);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { name, count, p50: percentile(micros, 0.5), p99: percentile(micros, 0.99), perSecond: count / seconds };
}
