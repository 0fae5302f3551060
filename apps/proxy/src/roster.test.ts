import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@aileron/testing';
import { Roster, type Seat } from './roster.js';

describe('a roster', () => {
  it('knows who is here, whoever comes and goes', () => {
    const random = seededRandom(7);
    const roster = new Roster<number>();
    const here = new Map<number, Seat<number>>();
    for (let member = 0; member < 2_000; member++) {
      if (random() < 0.6) here.set(member, roster.enter(member));
      for (const [left, seat] of here) {
        if (random() < 0.9) continue;
        roster.leave(seat);
        here.delete(left);
      }
      expect(roster.size).toBe(here.size);
    }
    expect([...roster].toSorted((a, b) => a - b)).toEqual([...here.keys()].toSorted((a, b) => a - b));
  });

  it('lets a seat be given back once, and nobody else’s with it', () => {
    const roster = new Roster<string>();
    const [first, second] = [roster.enter('a'), roster.enter('b')];
    roster.leave(first);
    roster.leave(first);
    expect([...roster]).toEqual(['b']);
    roster.leave(second);
    roster.leave(first);
    expect(roster.size).toBe(0);
  });

  it('is gone through as it was when that began', () => {
    const roster = new Roster<string>();
    const seats = ['a', 'b', 'c'].map((name) => roster.enter(name));
    const seen: string[] = [];
    for (const member of roster) {
      seen.push(member);
      for (const seat of seats) roster.leave(seat);
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });
});
