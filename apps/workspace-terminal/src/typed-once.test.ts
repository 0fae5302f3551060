import { describe, expect, it } from '@jest/globals';
import { TypedOnce } from './typed-once.js';

describe('what somebody types', () => {
  it('counts once by its number, for each writer alone', () => {
    const typed = new TypedOnce();
    const isNew = (writer: string, ...numbers: number[]) => numbers.map((number) => typed.isNew({ writer, number }));
    expect(isNew('a', 1, 2, 1, 2, 3)).toEqual([true, true, false, false, true]);
    expect(isNew('b', 1, 1)).toEqual([true, false]);
    expect(isNew('a', 3, 4)).toEqual([false, true]);
  });

  it('remembers whoever typed last, and no crowd', () => {
    const typed = new TypedOnce();
    for (let i = 0; i < 300; i += 1) typed.isNew({ writer: `w${i}`, number: 1 });
    expect([typed.isNew({ writer: 'w299', number: 1 }), typed.isNew({ writer: 'w0', number: 1 })]).toEqual([
      false,
      true,
    ]);
  });
});
