import { describe, expect, it } from '@jest/globals';
import { EventLog } from './event-log.js';
import { eventsOf, join, makeLog, take, typesOf, type Log } from './event-log.fixture.js';
import { HostileStorage } from './hostile-storage.fixture.js';
import { MemoryStorage } from './memory-storage.js';
import { BYTES_CODEC } from './stream-codec.js';
import type { StreamStorage } from './stream-storage.port.js';

const DROPPED = { seq: 1, snapshot: null };

describe('several processes on one storage', () => {
  it('append one after the other, and hear of each other when told to look', async () => {
    const storage = new MemoryStorage();
    const [one, other] = [makeLog({ storage }), makeLog({ storage })];
    const { epoch } = await one.append('s', ['a']);
    const following = take(other, { epoch, seq: 0 }, (delivery) => eventsOf([delivery]).includes('3c'));
    await other.append('s', ['b']);
    await one.append('s', ['c']);
    await other.refresh('s');
    expect(eventsOf(await following)).toEqual(['1a', '2b', '3c']);
  });

  it('have the same stream after a restart', async () => {
    const storage = new MemoryStorage();
    const { epoch } = await makeLog({ storage }).append('s', ['a']);
    expect(await makeLog({ storage }).append('s', ['b'])).toEqual({ epoch, firstSeq: 2, lastSeq: 2 });
  });

  it('begin another epoch when the storage has forgotten what was shown', async () => {
    const storage = new MemoryStorage();
    const log = makeLog({ storage });
    const { epoch } = await log.append('s', ['a', 'b', 'c']);
    const signal = new AbortController().signal;
    await storage.rebase('s', { epoch, baseSeq: 0 }, null, signal);
    await storage.rebase('s', null, { epoch, base: { seq: 0, snapshot: null } }, signal);
    await storage.append('s', { epoch, seq: 0 }, [new TextEncoder().encode('"a"')], signal);
    const appended = await log.append('s', ['d']);
    expect(appended).toMatchObject({ firstSeq: 2 });
    expect(appended.epoch).not.toBe(epoch);
    const given = await take(log, { epoch, seq: 3 });
    expect(given[0]).toMatchObject({ type: 'gap', reason: 'history-lost' });
    expect(eventsOf(given)).toEqual(['1a', '2d']);
  });

  it('show nothing of what the storage has forgotten', async () => {
    const storage = new HostileStorage(() => 0.99);
    const log = makeLog({ storage, limits: { pageEvents: 3 } });
    await log.append('s', ['a', 'b', 'c', 'd', 'e']);
    await storage.forget('s', 1);
    await log.refresh('s');
    expect(eventsOf(await take(log, null))).toEqual(['1a', '2b', '3c', '4d']);
  });

  it('leave a base where another has moved it', async () => {
    const storage = new MemoryStorage();
    const [one, other] = [makeLog({ storage, limits: { pageEvents: 2 } }), makeLog({ storage })];
    const { epoch } = await one.append('s', ['a', 'b', 'c', 'd', 'e']);
    const slowly = async (view: string | null, events: readonly string[]): Promise<string> => {
      await other.trim('s', { epoch, seq: 3 });
      return join(view, events);
    };
    expect(await one.compact('s', slowly)).toBe(false);
    const given = await take(one, null);
    expect(given[0]).toMatchObject({ type: 'gap', reason: 'trimmed' });
    expect(eventsOf(given)).toEqual(['4d', '5e']);
  });

  it('do not store again what was stored and dropped before its answer came', async () => {
    const storage = new MemoryStorage();
    const append = storage.append.bind(storage);
    const signal = new AbortController().signal;
    storage.append = async (...call) => {
      storage.append = append;
      await append(...call);
      await storage.rebase('s', { epoch: call[1].epoch, baseSeq: 0 }, { epoch: call[1].epoch, base: DROPPED }, signal);
      throw new Error('no answer');
    };
    const log = makeLog({ storage });
    await expect(log.append('s', ['a'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await log.append('s', ['b'])).toMatchObject({ firstSeq: 2 });
  });
});

describe('retention', () => {
  const append = async (log: Log, count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await log.append('s', ['x']);
  };

  it('folds older events into the snapshot by itself', async () => {
    const log = makeLog({ retention: { maxEvents: 10, maxBytes: 1e6, keepEvents: 3, fold: join } });
    await append(log, 40);
    const given = await take(log, null);
    const snapshot = given.find((delivery) => delivery.type === 'snapshot')?.snapshot ?? '';
    expect(snapshot.length).toBeGreaterThanOrEqual(27);
    expect(snapshot.length + eventsOf(given).length).toBe(40);
  });

  it('counts bytes as well, and drops with a gap where nothing folds', async () => {
    const log = makeLog({ retention: { maxEvents: 1e6, maxBytes: 30, keepEvents: 2, fold: null } });
    await append(log, 40);
    expect(await take(log, null)).toMatchObject([
      { type: 'gap', reason: 'trimmed', from: null },
      { type: 'events' },
      {},
    ]);
  });

  it('tells of a fold that fails, and keeps the events', async () => {
    const faults: unknown[] = [];
    const fold = () => {
      throw new Error('a bug in the fold');
    };
    const onFault = ({ cause }: { cause: unknown }) => void faults.push(cause);
    const log = makeLog({ onFault, retention: { maxEvents: 5, maxBytes: 1e6, keepEvents: 0, fold } });
    await append(log, 10);
    expect(faults.length).toBeGreaterThan(0);
    expect(eventsOf(await take(log, null))).toHaveLength(10);
  });
});

describe('the end', () => {
  it('of a stream ends its subscribers and removes everything', async () => {
    const storage = new MemoryStorage();
    const log = makeLog({ storage });
    const { epoch } = await log.append('s', ['a']);
    const following = take(log, null, ({ type }) => type === 'end');
    await log.position('s');
    await log.remove('s');
    expect((await following).at(-1)).toEqual({ type: 'end', reason: 'removed' });
    expect(typesOf(await take(log, { epoch, seq: 1 }))).toEqual(['gap', 'live']);
  });

  it('does not bring a removed stream back for a reader or a writer that was still at it', async () => {
    const storage = new MemoryStorage();
    const [one, other] = [makeLog({ storage }), makeLog({ storage })];
    await one.append('s', ['a']);
    await other.append('s', ['b']);
    await one.remove('s');
    await expect(other.append('s', ['c'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await storage.read('s', { after: 0, maxEntries: 1, maxBytes: 1 }, new AbortController().signal)).toBeNull();
  });

  it('of the log stores what was taken, and ends all subscribers', async () => {
    const storage = new MemoryStorage();
    const log = makeLog({ storage });
    const following = take(log, null, ({ type }) => type === 'end');
    const appended = log.append('s', ['a']);
    await log.position('s');
    await log.close();
    await appended;
    expect((await following).at(-1)).toEqual({ type: 'end', reason: 'closed' });
    await expect(log.append('s', ['b'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(eventsOf(await take(makeLog({ storage }), null))).toEqual(['1a']);
  });
});

describe('bounds', () => {
  it('keep as many streams in memory as allowed, and lose none of them', async () => {
    const log = makeLog({ limits: { maxOpenStreams: 2 } });
    for (const id of ['s', 't', 'u', 'v']) await log.append(id, [id]);
    expect(await log.append('s', ['again'])).toMatchObject({ firstSeq: 2 });
  });

  it('are for a storage that does not answer as well', async () => {
    const silent = { read: () => new Promise(() => undefined) } as unknown as StreamStorage;
    const log = makeLog({ storage: silent, storageSignal: () => AbortSignal.timeout(10) });
    await expect(log.append('s', ['a'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(take(log, null)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a byte stream', () => {
  it('gives back the chunks as they were, whatever becomes of the buffer', async () => {
    const log = new EventLog({ storage: new MemoryStorage(), codec: BYTES_CODEC, newEpoch: () => 'e' });
    const buffer = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await log.append('pty', [buffer, buffer.subarray(7, 9)]);
    buffer.fill(0);
    const end = new AbortController();
    const { value } = await log.attach('pty', null, end.signal).next();
    expect(value).toMatchObject({ type: 'events', events: [{ seq: 1 }, { seq: 2, event: Uint8Array.of(7, 8) }] });
  });
});
