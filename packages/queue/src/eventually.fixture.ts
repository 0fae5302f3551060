import { setTimeout as delay } from 'node:timers/promises';

/** Waits until it is so; fails with the last value after the time. */
export async function eventually<T>(
  read: () => T | Promise<T>,
  isSo: (value: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isSo(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`still ${JSON.stringify(value)?.slice(0, 500)} after ${timeoutMs} ms`);
    await delay(20);
  }
}
