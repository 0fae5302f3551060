import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoTime } from './iso-time.js';

describe('the time of a record', () => {
  it('is as Date writes it', () => {
    const times = fc.oneof(
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: 1_763_000_000_000, max: 1_763_000_002_000 }),
    );
    fc.assert(fc.property(times, (ms) => expect(isoTime(ms)).toBe(new Date(ms).toISOString())));
    for (const ms of [999, 1_000, 1_001, 999]) expect(isoTime(ms)).toBe(new Date(ms).toISOString());
  });
});
