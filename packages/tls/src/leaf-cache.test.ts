import { describe, expect, it } from '@jest/globals';
import { LeafCache } from './leaf-cache.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('LeafCache', () => {
  it('makes a value once, and forgets the one not used for longest', async () => {
    const made: string[] = [];
    const cache = new LeafCache(3, async (key) => {
      await turn();
      return { order: made.push(key) };
    });
    const a = await cache.get('a');
    for (const key of ['b', 'c', 'a', 'd']) await cache.get(key);
    expect(await cache.get('a')).toBe(a);
    expect(cache.size).toBe(3);
    await cache.get('b');
    expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('lets all who ask at one time wait for one making', async () => {
    let makings = 0;
    const cache = new LeafCache(3, async () => {
      makings++;
      await turn();
      return {};
    });
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => cache.get('a')));
    for (const other of others) expect(other).toBe(first);
    expect(makings).toBe(1);
  });

  it('keeps nothing of a making that failed', async () => {
    let broken = true;
    const cache = new LeafCache(3, async (key) => {
      await turn();
      if (broken) throw new Error('not this time');
      return { key };
    });
    await expect(Promise.all([cache.get('a'), cache.get('a')])).rejects.toThrow('not this time');
    broken = false;
    expect(await cache.get('a')).toEqual({ key: 'a' });
    expect(cache.size).toBe(1);
  });
});
