import { describe, expect, it } from '@jest/globals';
import { readOptions } from './bench-options.js';

describe('the options of the bench', () => {
  it('are a whole run unless a short one is asked for', () => {
    expect(readOptions([])).toMatchObject({ short: false, rounds: 5, seed: 1, micro: true, profile: true });
    expect(readOptions(['--short', '--seed', '3', '--no-micro'])).toMatchObject({
      short: true,
      rounds: 1,
      seed: 3,
      micro: false,
    });
  });

  it('measure both planes, or one of them', () => {
    expect(readOptions([]).workspace).toBe('too');
    expect(readOptions(['--no-workspace']).workspace).toBe('no');
    expect(readOptions(['--only-workspace']).workspace).toBe('only');
  });

  it('always measure the direct way, which the others are counted from', () => {
    expect(readOptions(['--only', 'aileron']).contestants).toEqual(['direct', 'aileron']);
  });

  it.each([['--rounds', '0'], ['--seed', 'x'], ['--only', 'nginx'], ['--nonsense']])('refuse %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow();
  });
});
