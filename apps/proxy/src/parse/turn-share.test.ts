import { describe, expect, it } from '@jest/globals';
import { TurnShare } from './turn-share.js';

describe('the share of one body in a turn of the event loop', () => {
  it('lets others go first after so many bytes, and then gives as many again', async () => {
    const share = new TurnShare();
    let others = 0;
    for (let round = 1; round <= 3; round++) {
      setImmediate(() => (others += 1));
      let taken = 0;
      for (let wait = share.took(8_192); ; wait = share.took(8_192)) {
        taken += 8_192;
        if (wait === undefined) continue;
        expect(others).toBe(round - 1);
        await wait;
        break;
      }
      expect(taken).toBeLessThanOrEqual(262_144);
      expect(others).toBe(round);
    }
  });

  it('does not wait for what is small', () => {
    const share = new TurnShare();
    expect(Array.from({ length: 100 }, () => share.took(100)).every((wait) => wait === undefined)).toBe(true);
  });
});
