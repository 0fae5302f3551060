import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextDeadline } from './deadline.js';
import { DEFAULT_BUDGETS as BUDGETS } from './lifecycle-budgets.js';
import { RandomLife, EVENT_KINDS, type RandomEvent } from './random-life.fixture.js';

/** `pnpm lives` has 10,000. */
const RUNS = Number(process.env['RANDOM_LIVES'] ?? 2_000);

const randomEvent: fc.Arbitrary<RandomEvent> = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  pick: fc.nat({ max: 1_000 }),
  /** Mostly the present number; else one from before or after. */
  skew: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 2 }) }),
  passMs: fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: 5_000 }) },
    { weight: 3, arbitrary: fc.nat({ max: 120_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -400 * 86_400_000, max: 400 * 86_400_000 }) },
  ),
});
const randomLife = fc.array(randomEvent, { maxLength: 60, size: 'max' });

const total = (kind: keyof typeof BUDGETS.operations): number => BUDGETS.operations[kind].totalMs;

/** Runs as long as something is awaited, with nobody at work, and says how long that took. */
function abandon(life: RandomLife): number {
  const begun = life.now;
  for (let turns = 0; turns < 2_000 && life.state.operation !== null; turns += 1) {
    life.now = Math.max(life.now, nextDeadline(life.state) ?? 0);
    // Mostly the same job dispatched once more: to store each of these states would take half of the time.
    life.act({ type: 'tick' }, turns % 8 === 0);
  }
  return life.now - begun;
}

describe(`${RUNS.toLocaleString('en')} random lives`, () => {
  it('are never stuck, never hear the past, always end when deleted, and always survive storage', () => {
    const phases = new Map<string, number>();
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(randomLife, fc.boolean(), (events, force) => {
        const life = new RandomLife();
        for (const event of events) life.play(event);
        phases.set(life.state.phase, (phases.get(life.state.phase) ?? 0) + 1);
        accepted += life.accepted;
        refused += life.refused;

        life.act({ type: 'tick' });
        const longest = (life.state.operation === null ? 0 : total(life.state.operation.kind)) + total('stop');
        expect(abandon(life)).toBeLessThanOrEqual(longest);
        expect(life.state.operation).toBeNull();

        if (life.state.removed !== null) return;
        life.act({ type: 'intent', generation: life.state.intent.generation + 1, action: { name: 'delete', force } });
        expect(life.state.phase).toBe('deleting');
        expect(abandon(life)).toBeLessThanOrEqual(total(force ? 'force-delete' : 'delete'));
        expect(life.state.removed).not.toBeNull();
      }),
      { numRuns: RUNS },
    );
    // A test of nothing would pass as well.
    expect([...phases.keys()].toSorted()).toEqual([
      'creating',
      'deleting',
      'failed',
      'restarting',
      'running',
      'stopped',
    ]);
    expect(accepted).toBeGreaterThan(RUNS * 10);
    expect(refused).toBeGreaterThan(RUNS * 5);
  }, 600_000);

  it('come to what people want as soon as workers and runtime do their part', () => {
    fc.assert(
      fc.property(randomLife, (events) => {
        const life = new RandomLife();
        for (const event of events) life.play(event);
        life.workOn();
        if (life.state.removed !== null) return;
        if (life.state.phase === 'failed') {
          life.act({ type: 'intent', generation: life.state.intent.generation + 1, action: { name: 'start' } });
          life.workOn();
        }
        expect(life.state.phase).toBe(life.state.intent.want);
      }),
      { numRuns: RUNS / 5 },
    );
  }, 600_000);
});
