import { cpuMicrosOf } from './process-tree.js';

/** Less than that between two looks is a machine at rest. */
const QUIET_MICROS = 20_000;
const WAIT_AT_MOST_MS = 5_000;

/**
 * CPU of a task in µs, with what it leaves to be done behind it: records to be shipped, buffers to be written. A
 * contestant that answers first and works later pays for it here.
 */
export async function cpuOfTask<T>(
  processes: () => readonly number[],
  task: () => Promise<T>,
  lookEveryMs: number,
): Promise<{ readonly value: T; readonly cpuMicros: number }> {
  const before = cpuMicrosOf(processes());
  const value = await task();
  let last = cpuMicrosOf(processes());
  const deadline = performance.now() + WAIT_AT_MOST_MS;
  while (performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    const now = cpuMicrosOf(processes());
    if (now - last <= QUIET_MICROS) break;
    last = now;
  }
  return { value, cpuMicros: last - before };
}
