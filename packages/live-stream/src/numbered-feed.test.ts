import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { NumberedFeed } from './numbered-feed.js';

const feedOfNumbers = () =>
  new NumberedFeed<readonly number[], number, readonly number[]>(
    { empty: [], apply: (view, event) => [...view, event], replace: (snapshot) => snapshot },
    z.number(),
    z.array(z.number()),
  );
const events = (first: number, ...values: number[]) =>
  JSON.stringify({ type: 'events', epoch: 'e', events: values.map((event, i) => ({ seq: first + i, event })) });
const at = (seq: number) => ({ epoch: 'e', seq });

describe('a numbered feed', () => {
  it('makes the view of everything once, over cuts and repetitions', () => {
    const feed = feedOfNumbers();
    expect(feed.attachPath('/x')).toBe('/x');
    feed.accept(JSON.stringify({ type: 'snapshot', at: at(2), snapshot: [1, 2] }));
    feed.accept(events(3, 3, 4));
    expect(feed.attachPath('/x')).toBe('/x?epoch=e&seq=4');
    feed.accept(events(3, 3, 4, 5));
    expect(feed.state).toEqual({ view: [1, 2, 3, 4, 5], ready: false, gap: false });
    feed.accept(JSON.stringify({ type: 'live', at: at(5) }));
    expect(feed.state.ready).toBe(true);
  });

  it('attaches again, and shows nothing of it, when something did not arrive or cannot be read', () => {
    const feed = feedOfNumbers();
    for (const hostile of ['', '{', '[]', '{"type":"events"}', events(2, 2), events(1, 'x' as unknown as number)]) {
      expect(feed.accept(hostile)).toBe('attach-again');
    }
    expect(feed.state.view).toEqual([]);
  });

  it('says that something is missing, and begins anew where the history is another', () => {
    const feed = feedOfNumbers();
    feed.accept(events(1, 1));
    feed.accept(JSON.stringify({ type: 'gap', reason: 'trimmed', from: at(1), at: at(4) }));
    expect(feed.state).toMatchObject({ view: [1], gap: true });
    feed.accept(JSON.stringify({ type: 'gap', reason: 'history-lost', from: at(4), at: { epoch: 'f', seq: 0 } }));
    expect(feed.state).toMatchObject({ view: [], gap: true });
    feed.accept(JSON.stringify({ type: 'snapshot', at: { epoch: 'f', seq: 1 }, snapshot: [9] }));
    expect(feed.state).toMatchObject({ view: [9], gap: false });
  });

  it('ends with what is removed, and attaches again to what was closed', () => {
    const feed = feedOfNumbers();
    expect(feed.accept('{"type":"end","reason":"closed"}')).toBe('attach-again');
    expect(feed.accept('{"type":"end","reason":"removed"}')).toBe('removed');
  });
});
