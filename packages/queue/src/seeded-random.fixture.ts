import { randomInt } from 'node:crypto';

/** The same numbers for the same seed (mulberry32). `AILERON_TEST_SEED` repeats a run. */
export function seededRandom(): { readonly seed: number; next(): number } {
  const seed = Number(process.env['AILERON_TEST_SEED'] ?? randomInt(2 ** 31));
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, next };
}
