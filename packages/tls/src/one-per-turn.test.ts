import { describe, expect, it } from '@jest/globals';
import { OnePerTurn } from './one-per-turn.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('OnePerTurn', () => {
  it('lets the first pass at once and the others one a turn, in their order', async () => {
    const gate = new OnePerTurn();
    const passed: number[] = [];
    const all = [1, 2, 3].map((n) => gate.pass().then(() => passed.push(n)));
    await Promise.resolve();
    expect(passed).toEqual([1]);
    const late = turn().then(() => passed.length);
    await Promise.all(all);
    expect(passed).toEqual([1, 2, 3]);
    expect(await late).toBe(2);
  });

  it('lets the next pass at once when nobody came in between', async () => {
    const gate = new OnePerTurn();
    await gate.pass();
    await turn();
    await turn();
    let passed = false;
    void gate.pass().then(() => (passed = true));
    await Promise.resolve();
    expect(passed).toBe(true);
  });
});
