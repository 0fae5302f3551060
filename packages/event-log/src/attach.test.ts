import type { StreamPosition } from '@aileron/contracts/streams';
import { describe, expect, it } from '@jest/globals';
import { eventsOf, join, makeLog, take, typesOf } from './event-log.fixture.js';
import { MemoryStorage } from './memory-storage.js';

describe('attaching', () => {
  it('gives exactly what follows a place, then what comes', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a', 'b', 'c']);
    const following = take(log, { epoch, seq: 1 }, (delivery) => eventsOf([delivery]).includes('5e'));
    await log.append('s', ['d']);
    await log.append('s', ['e']);
    const given = await following;
    expect(eventsOf(given)).toEqual(['2b', '3c', '4d', '5e']);
  });

  it('says when a stream that is empty is live', async () => {
    expect(await take(makeLog(), null)).toMatchObject([{ type: 'live', at: { seq: 0 } }]);
  });

  it('gives a snapshot and what follows it to who lacks more than is kept', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a', 'b', 'c']);
    expect(await log.compact('s', join, { keepEvents: 1 })).toBe(true);
    const given = await take(log, null);
    expect(typesOf(given)).toEqual(['snapshot', 'events', 'live']);
    expect(given[0]).toEqual({ type: 'snapshot', at: { epoch, seq: 2 }, snapshot: 'ab' });
    expect(eventsOf(given)).toEqual(['3c']);
    expect(await log.compact('s', join)).toBe(true);
    expect((await take(log, null))[0]).toMatchObject({ snapshot: 'abc' });
    expect(await log.compact('s', join)).toBe(false);
  });

  it('gives the exact tail even of what was compacted, as long as it is at hand', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a', 'b', 'c']);
    await log.compact('s', join);
    expect(eventsOf(await take(log, { epoch, seq: 1 }))).toEqual(['2b', '3c']);
  });

  it('takes a snapshot that the caller made', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a', 'b', 'c']);
    expect(await log.installSnapshot('s', { epoch, seq: 2 }, 'AB')).toBe(true);
    expect(await log.installSnapshot('s', { epoch, seq: 1 }, 'A')).toBe(false);
    expect(await log.installSnapshot('s', { epoch, seq: 9 }, 'A')).toBe(false);
    expect(await log.installSnapshot('s', { epoch: 'other', seq: 3 }, 'A')).toBe(false);
    expect((await take(log, null))[0]).toMatchObject({ snapshot: 'AB', at: { seq: 2 } });
  });

  it('tells of a gap where events were dropped, also when they are folded later', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a', 'b', 'c']);
    expect(await log.trim('s', { epoch, seq: 2 })).toBe(true);
    const gap = { type: 'gap', reason: 'trimmed', from: { epoch, seq: 1 }, at: { epoch, seq: 2 } };
    expect((await take(log, { epoch, seq: 1 }))[0]).toEqual(gap);
    expect((await take(log, null))[0]).toEqual({ ...gap, from: null });
    expect(typesOf(await take(log, { epoch, seq: 2 }))).toEqual(['events', 'live']);
    await log.compact('s', join);
    expect(typesOf(await take(log, null))).toEqual(['gap', 'snapshot', 'live']);
  });

  it('tells of a gap when the history is another, or shorter than what was seen', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a', 'b']);
    const other = await take(log, { epoch: 'before', seq: 2 });
    expect(other[0]).toMatchObject({ type: 'gap', reason: 'history-lost', from: { epoch: 'before', seq: 2 } });
    expect(eventsOf(other)).toEqual(['1a', '2b']);
    const ahead = await take(log, { epoch, seq: 9 });
    expect(ahead[0]).toMatchObject({ type: 'gap', reason: 'ahead' });
    expect(eventsOf(ahead)).toEqual(['1a', '2b']);
  });

  it('tells who follows live that another epoch begins', async () => {
    const log = makeLog();
    const { epoch } = await log.append('s', ['a']);
    const following = take(log, { epoch, seq: 1 }, ({ type }) => type === 'events');
    const begun = await log.beginEpoch('s', 'fresh: ');
    await log.append('s', ['b']);
    const given = await following;
    expect(typesOf(given).slice(-3)).toEqual(expect.arrayContaining(['gap', 'snapshot', 'events']));
    expect(given.find(({ type }) => type === 'gap')).toMatchObject({ reason: 'history-lost', at: begun });
    expect(given.find(({ type }) => type === 'snapshot')).toMatchObject({ snapshot: 'fresh: ' });
    expect(eventsOf(given)).toEqual(['2b']);
  });

  it('tells who was at the end of the epoch before, also when there is more by now', async () => {
    const log = makeLog();
    const before = await log.append('s', ['a']);
    await log.beginEpoch('s');
    await log.append('s', ['b', 'c']);
    const given = await take(log, { epoch: before.epoch, seq: 1 });
    expect(given[0]).toMatchObject({ type: 'gap', reason: 'history-lost' });
    expect(eventsOf(given)).toEqual(['2b', '3c']);
  });

  it('steps over an entry that cannot be read, and says so', async () => {
    const storage = new MemoryStorage();
    const log = makeLog({ storage });
    const { epoch } = await log.append('s', ['a']);
    await storage.append('s', { epoch, seq: 1 }, [Uint8Array.of(0xff)], new AbortController().signal);
    await log.append('s', ['c']);
    const given = await take(log, null);
    expect(given.slice(0, 3)).toMatchObject([
      { type: 'events' },
      { type: 'gap', reason: 'unreadable', from: { epoch, seq: 1 }, at: { epoch, seq: 2 } },
      { type: 'events' },
    ]);
    expect(eventsOf(given)).toEqual(['1a', '3c']);
    await log.compact('s', join);
    expect(await take(log, null)).toMatchObject([
      { type: 'gap' },
      { type: 'snapshot', snapshot: 'ac' },
      { type: 'live' },
    ]);
  });

  it('holds nothing for who is slow, and loses nothing either', async () => {
    const log = makeLog({ limits: { recentEvents: 4, pageEvents: 3 } });
    const { epoch } = await log.append('s', ['a']);
    const end = new AbortController();
    const slow = log.attach('s', { epoch, seq: 0 }, end.signal);
    await slow.next();
    for (let turn = 0; turn < 50; turn += 1) await log.append('s', [`${turn}.`]);
    const seen: string[] = [];
    for await (const delivery of slow) {
      seen.push(...eventsOf([delivery]));
      if (delivery.type === 'events') expect(delivery.events.length).toBeLessThanOrEqual(3);
      if (seen.length === 50) end.abort();
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, turn) => `${turn + 2}${turn}.`));
  });

  it('gives who is slower than the compaction a snapshot again', async () => {
    const log = makeLog({ limits: { recentEvents: 2 } });
    const { epoch } = await log.append('s', ['a']);
    const end = new AbortController();
    const slow = log.attach('s', { epoch, seq: 0 }, end.signal);
    await slow.next();
    await log.append('s', ['b', 'c', 'd', 'e']);
    await log.compact('s', join);
    expect(await slow.next()).toMatchObject({ value: { type: 'snapshot', snapshot: 'abcde', at: { seq: 5 } } });
    end.abort();
  });

  it('numbers what follows a base that somebody else moved past all that was known here', async () => {
    const storage = new MemoryStorage();
    const [here, elsewhere] = [makeLog({ storage }), makeLog({ storage })];
    const { epoch } = await here.append('s', ['a', 'b']);
    await elsewhere.append('s', ['c', 'd', 'e']);
    expect(await elsewhere.compact('s', join, { keepEvents: 1 })).toBe(true);
    await here.refresh('s');
    const given = await take(here, { epoch, seq: 2 });
    expect(given[0]).toEqual({ type: 'snapshot', at: { epoch, seq: 4 }, snapshot: 'abcd' });
    expect(eventsOf(given)).toEqual(['5e']);
  });

  it('refuses a place that is none, and too many subscribers', async () => {
    const log = makeLog({ limits: { maxSubscribers: 1 } });
    const forged = { epoch: '', seq: -1 } as StreamPosition;
    await expect(take(log, forged)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const end = new AbortController();
    const one = log.attach('s', null, end.signal);
    await one.next();
    await expect(take(log, null)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await one.return();
    expect(typesOf(await take(log, null))).toEqual(['live']);
  });
});
