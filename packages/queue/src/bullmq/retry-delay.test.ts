import { describe, expect, it } from '@jest/globals';
import { retryDelay } from './retry-delay.js';

describe('The delay before a retry', () => {
  const delays = (random: number) => [1, 2, 3, 50].map((attempt) => retryDelay({ attempt, delayMs: 1_000, random }));

  it('doubles up to a quarter of an hour', () => {
    expect(delays(0)).toEqual([1_000, 2_000, 4_000, 900_000]);
  });

  it('is up to a fifth shorter at random', () => {
    expect(delays(0.5)).toEqual([900, 1_800, 3_600, 810_000]);
  });

  it('can be none', () => {
    expect(retryDelay({ attempt: 9, delayMs: 0, random: 0.9 })).toBe(0);
  });
});
