import { setTimeout as delay } from 'node:timers/promises';

/** Does the work, waits, and again, until the signal. What it throws is told, and stops nothing. */
export async function repeat(
  input: {
    readonly everyMs: number;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
  work: () => Promise<void>,
): Promise<void> {
  const { everyMs, signal, onError } = input;
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
