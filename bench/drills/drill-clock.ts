/** Milliseconds since the epoch with fractions, on one clock for all that the drill notes. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for something that happens by itself. @throws Error naming it when it does not happen in time */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs: number,
): Promise<T> {
  const deadline = nowMs() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (nowMs() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(20);
  }
}
