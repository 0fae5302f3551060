import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@aileron/testing';
import { shuffled } from './shuffled.js';

describe('an order by seed', () => {
  const items = ['a', 'b', 'c', 'd', 'e', 'f'];

  it('is the same for the same seed, and has every item once', () => {
    const once = shuffled(items, seededRandom(7));
    expect(shuffled(items, seededRandom(7))).toEqual(once);
    expect(once.toSorted()).toEqual(items);
  });

  it('is another one as the seed goes on', () => {
    const random = seededRandom(1);
    const orders = new Set(Array.from({ length: 50 }, () => shuffled(items, random).join('')));
    expect(orders.size).toBeGreaterThan(40);
  });
});
