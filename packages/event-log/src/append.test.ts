import { describe, expect, it } from '@jest/globals';
import { eventsOf, makeLog, take } from './event-log.fixture.js';
import { MemoryStorage } from './memory-storage.js';

describe('appending', () => {
  it('numbers events from 1, in the order of the calls', async () => {
    const log = makeLog();
    const appended = await Promise.all([log.append('s', ['a', 'b']), log.append('s', ['c']), log.append('s', ['d'])]);
    expect(appended.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(eventsOf(await take(log, null))).toEqual(['1a', '2b', '3c', '4d']);
  });

  it('refuses what is none, too large, or too many', async () => {
    const log = makeLog({ limits: { maxEventBytes: 16, maxEventsAtOnce: 2 } });
    await expect(log.append('s', ['x'.repeat(15)])).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(log.append('s', ['a', 'b', 'c'])).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(log.append('s', [])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(log.append('s', [7 as unknown as string])).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(log.append('no stream', ['a'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await log.position('s')).toMatchObject({ seq: 0 });
  });

  it('refuses more when the storage does not keep up, and goes on when it does', async () => {
    const storage = new MemoryStorage();
    const gate = Promise.withResolvers<void>();
    const append = storage.append.bind(storage);
    storage.append = async (...call) => gate.promise.then(() => append(...call));
    const log = makeLog({ storage, limits: { maxPendingBytes: 10 } });
    const first = log.append('s', ['aaaa']);
    await expect(log.append('s', ['bbbb'])).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    gate.resolve();
    await first;
    await expect(log.append('s', ['bbbb'])).resolves.toMatchObject({ firstSeq: 2 });
  });

  it('stores once what a call stored before it failed', async () => {
    const storage = new MemoryStorage();
    const append = storage.append.bind(storage);
    let failures = 1;
    storage.append = async (...call) => {
      const done = await append(...call);
      if (failures-- > 0) throw new Error('the connection broke after the commit');
      return done;
    };
    const log = makeLog({ storage });
    expect(await log.append('s', ['a', 'b'])).toMatchObject({ firstSeq: 1, lastSeq: 2 });
    await log.append('s', ['c']);
    expect(eventsOf(await take(log, null))).toEqual(['1a', '2b', '3c']);
  });

  it('stores once what a call stored after it was given up', async () => {
    const storage = new MemoryStorage();
    const append = storage.append.bind(storage);
    const late: (() => Promise<boolean>)[] = [];
    storage.append = async (...call) => {
      if (late.length > 0) {
        // The first call arrives just before its repetition.
        expect(await late[0]?.()).toBe(true);
        return append(...call);
      }
      late.push(() => append(call[0], call[1], call[2], new AbortController().signal));
      throw new Error('no answer');
    };
    const log = makeLog({ storage });
    expect(await log.append('s', ['a'])).toMatchObject({ firstSeq: 1, lastSeq: 1 });
    expect(eventsOf(await take(log, null))).toEqual(['1a']);
  });

  it('stores once what arrives while it is looked for, and is seen by a reader first', async () => {
    const storage = new MemoryStorage();
    const [append, read] = [storage.append.bind(storage), storage.read.bind(storage)];
    const log = makeLog({ storage });
    await log.position('s');
    storage.append = (...call) => {
      storage.append = append;
      storage.read = async (...range) => {
        storage.read = read;
        const page = await read(...range);
        await append(...call);
        await take(log, null);
        return page;
      };
      return Promise.reject(new Error('no answer'));
    };
    expect(await log.append('s', ['a'])).toMatchObject({ firstSeq: 1, lastSeq: 1 });
    expect(eventsOf(await take(log, null))).toEqual(['1a']);
  });

  it('says when the storage does not answer, and goes on later', async () => {
    const storage = new MemoryStorage();
    const append = storage.append.bind(storage);
    const log = makeLog({ storage, storageSignal: () => AbortSignal.timeout(20) });
    await log.append('s', ['a']);
    storage.append = () => new Promise(() => undefined);
    await expect(log.append('s', ['b'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    storage.append = append;
    expect(await log.append('s', ['b'])).toMatchObject({ firstSeq: 2 });
  });
});
