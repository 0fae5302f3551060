import { randomInt } from 'node:crypto';
import { seededRandom } from '@aileron/testing';

/** A random source of a test. `AILERON_TEST_SEED` repeats a run. */
export function testRandom(): { readonly seed: number; next(): number } {
  const seed = Number(process.env['AILERON_TEST_SEED'] ?? randomInt(2 ** 31));
  return { seed, next: seededRandom(seed) };
}
