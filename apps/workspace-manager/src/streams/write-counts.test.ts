import { describe, expect, it } from '@jest/globals';
import { WriteCounts } from './write-counts.js';

describe('counts of writes', () => {
  it('are kept of the streams that were written last', () => {
    const counts = new WriteCounts(2);
    counts.add('a');
    counts.add('b');
    expect(counts.add('a')).toBe(2);
    counts.add('c');
    expect(counts.size).toBe(2);
    expect(counts.add('a')).toBe(3);
    expect(counts.add('b')).toBe(1);
    counts.forget('b');
    expect(counts.add('b')).toBe(1);
  });
});
