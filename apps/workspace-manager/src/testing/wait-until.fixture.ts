import { setTimeout as delay } from 'node:timers/promises';

/** Looks until there is something; on a loaded machine that may take a while. */
export async function waitUntil<T>(look: () => T | Promise<T>, withinMs = 100_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`it did not come to be: ${look.toString()}`);
    await delay(20);
  }
}
