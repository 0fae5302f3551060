import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

describe('turns', () => {
  const signal = new AbortController().signal;

  it('come one after the other for a key, also after one that failed', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const first = Promise.withResolvers<void>();
    const failing = turns.take('a', signal, async () => {
      await first.promise;
      seen.push('first');
      throw new Error('failed');
    });
    const second = turns.take('a', signal, () => Promise.resolve(seen.push('second')));
    await turns.take('b', signal, () => Promise.resolve(seen.push('other')));
    expect(seen).toEqual(['other']);
    first.resolve();
    await expect(failing).rejects.toThrow('failed');
    await second;
    expect(seen).toEqual(['other', 'first', 'second']);
  });

  it('are not begun for somebody who has gone', async () => {
    const turns = new Turns();
    await expect(turns.take('a', AbortSignal.abort(), () => Promise.resolve('begun'))).rejects.toThrow();
    expect(await turns.take('a', signal, () => Promise.resolve('next'))).toBe('next');
  });
});
