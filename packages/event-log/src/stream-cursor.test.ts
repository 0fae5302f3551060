import type { Delivery } from '@aileron/contracts/streams';
import { describe, expect, it } from '@jest/globals';
import { StreamCursor } from './stream-cursor.js';

const events = (epoch: string, ...seqs: number[]): Delivery<string, string> => ({
  type: 'events',
  epoch,
  events: seqs.map((seq) => ({ seq, event: `${seq}` })),
});

describe('a cursor', () => {
  it('applies what follows, and drops what it has', () => {
    const cursor = new StreamCursor<string, string>();
    expect(cursor.accept(events('e', 1, 2))).toMatchObject({ do: 'apply', events: [{ seq: 1 }, { seq: 2 }] });
    expect(cursor.accept(events('e', 1, 2))).toEqual({ do: 'apply', events: [] });
    expect(cursor.accept(events('e', 2, 3))).toMatchObject({ do: 'apply', events: [{ seq: 3 }] });
    expect(cursor.position).toEqual({ epoch: 'e', seq: 3 });
  });

  it('attaches again, from where it is, when something did not arrive', () => {
    const cursor = new StreamCursor<string, string>({ epoch: 'e', seq: 3 });
    expect(cursor.accept(events('e', 5))).toEqual({ do: 'reattach' });
    expect(cursor.accept(events('f', 4))).toEqual({ do: 'reattach' });
    expect(cursor.accept({ type: 'live', at: { epoch: 'e', seq: 4 } })).toEqual({ do: 'reattach' });
    expect(new StreamCursor().accept(events('e', 2))).toEqual({ do: 'reattach' });
    expect(new StreamCursor().accept({ type: 'live', at: { epoch: 'e', seq: 4 } })).toEqual({ do: 'reattach' });
    expect(cursor.position).toEqual({ epoch: 'e', seq: 3 });
  });

  it('begins anew with a snapshot, and knows where an empty stream is', () => {
    const cursor = new StreamCursor<string, string>({ epoch: 'e', seq: 3 });
    const at = { epoch: 'e', seq: 9 };
    expect(cursor.accept({ type: 'snapshot', at, snapshot: 'all' })).toEqual({ do: 'replace', snapshot: 'all' });
    expect(cursor.accept({ type: 'live', at })).toEqual({ do: 'nothing' });
    const empty = new StreamCursor();
    expect(empty.accept({ type: 'live', at: { epoch: 'e', seq: 0 } })).toEqual({ do: 'nothing' });
    expect(empty.position).toEqual({ epoch: 'e', seq: 0 });
  });

  it('shows a gap, and says whether the view goes on after it', () => {
    const from = { epoch: 'e', seq: 3 };
    const cursor = new StreamCursor<string, string>(from);
    const at = { epoch: 'e', seq: 7 };
    expect(cursor.accept({ type: 'gap', reason: 'trimmed', from, at })).toEqual({
      do: 'show-gap',
      reason: 'trimmed',
      restart: false,
    });
    expect(cursor.accept(events('e', 8))).toMatchObject({ do: 'apply' });
    const lost = { type: 'gap', reason: 'history-lost', from: at, at: { epoch: 'f', seq: 0 } } as const;
    expect(cursor.accept(lost)).toMatchObject({ do: 'show-gap', restart: true });
    expect(cursor.accept({ type: 'end', reason: 'closed' })).toEqual({ do: 'end', reason: 'closed' });
  });
});
