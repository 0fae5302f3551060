import { describe, expect, it } from '@jest/globals';
import { MemoryStorage } from './memory-storage.js';
import { conformanceCases } from './storage-conformance.js';

describe('the memory storage', () => {
  for (const { name, run } of conformanceCases) it(name, () => run(new MemoryStorage()));
});

describe('the conformance cases', () => {
  const broken: readonly [string, (storage: MemoryStorage) => object][] = [
    ['appends anywhere', (storage) => ({ append: () => Promise.resolve(true), read: storage.read.bind(storage) })],
    [
      'reads everything',
      (storage) => ({
        read: async (...[name, range, signal]: Parameters<MemoryStorage['read']>) =>
          storage.read(name, { ...range, maxBytes: 1e9, maxEntries: 1e9 }, signal),
      }),
    ],
    ['never moves a base', () => ({ rebase: () => Promise.resolve(false) })],
    [
      'does not listen to its signal',
      (storage) => ({
        read: async (...[name, range]: Parameters<MemoryStorage['read']>) =>
          storage.read(name, range, new AbortController().signal),
      }),
    ],
  ];

  it.each(broken)('fail for a storage that %s', async (_what, breakIt) => {
    const outcomes = await Promise.allSettled(
      conformanceCases.map(({ run }) => {
        const storage = new MemoryStorage();
        return run(Object.assign(storage, breakIt(new MemoryStorage())));
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  });
});
