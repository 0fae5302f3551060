import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MOST_BEGINNINGS, writeBeginnings } from './form-beginnings.js';
import { secretForms } from './secret-forms.js';

const LENGTH = 16;

describe('the beginnings of the forms of a secret', () => {
  it('are the first bytes of every form, each of another form once', () => {
    const visible = fc.uint8Array({ min: 0x20, max: 0x7e, minLength: LENGTH + 1, maxLength: 60 });
    fc.assert(
      fc.property(visible, (secret) => {
        const into = new Uint8Array(MOST_BEGINNINGS * LENGTH);
        const count = writeBeginnings(secret, LENGTH, into);
        const written = Array.from({ length: count }, (_, i) =>
          Buffer.from(into.subarray(i * LENGTH, (i + 1) * LENGTH)).toString('latin1'),
        );
        const expected = secretForms(secret).map(({ bytes }) =>
          Buffer.from(bytes.subarray(0, LENGTH)).toString('latin1'),
        );
        expect(new Set(written)).toEqual(new Set(expected));
        expect(written.filter((text) => text === written[0])).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it('are not made of a secret that is no longer than they are', () => {
    const into = new Uint8Array(MOST_BEGINNINGS * LENGTH);
    expect(() => writeBeginnings(new Uint8Array(LENGTH), LENGTH, into)).toThrow(RangeError);
    expect(() => writeBeginnings(new Uint8Array(40), LENGTH, into.subarray(1))).toThrow(RangeError);
  });
});
