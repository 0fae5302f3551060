import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TypedInput, type TypedPiece } from './typed-input.js';

const LIMITS = { piece: 4, window: 2, waiting: 64 };

function typing() {
  const sent: TypedPiece[] = [];
  const typed = new TypedInput((piece) => sent.push(piece), LIMITS);
  return { sent, typed };
}

describe('what is typed', () => {
  it('goes in numbered pieces, a few at a time, and waits while nothing is attached', () => {
    const { sent, typed } = typing();
    typed.type('ab');
    typed.type('cdef');
    expect(sent).toEqual([]);
    typed.attached();
    expect(sent).toEqual([
      { number: 1, data: 'abcd' },
      { number: 2, data: 'ef' },
    ]);
    typed.type('gh');
    expect(sent).toHaveLength(2);
    typed.accepted(1);
    expect(sent.at(-1)).toEqual({ number: 3, data: 'gh' });
    typed.accepted(3);
    expect(typed.isEmpty).toBe(true);
  });

  it('goes again after a cut, as far as it is not known to have arrived', () => {
    const { sent, typed } = typing();
    typed.attached();
    typed.type('ab');
    typed.type('cd');
    typed.accepted(1);
    typed.detached();
    typed.type('ef');
    typed.attached();
    expect(sent.map(({ number, data }) => `${number}${data}`)).toEqual(['1ab', '2cd', '2cd', '3ef']);
  });

  it('is refused when too much waits, and never cut inside of a character', () => {
    const { sent, typed } = typing();
    expect(typed.type('x'.repeat(65))).toBe(false);
    typed.attached();
    typed.type('abc\u{1F600}d');
    expect(sent.map(({ data }) => data)).toEqual(['abc', '\u{1F600}d']);
  });

  it('arrives once and in order, whatever is cut', () => {
    const step = fc.oneof(
      fc.string({ maxLength: 9 }).map((data) => ({ do: 'type' as const, data })),
      fc.constantFrom(
        { do: 'cut' as const },
        { do: 'attach' as const },
        { do: 'arrive' as const },
        { do: 'answer' as const },
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let [wanted, got, reached, attached] = ['', '', 0, false];
        let line: TypedPiece[] = [];
        let answers: number[] = [];
        const typed = new TypedInput((piece) => line.push(piece), LIMITS);
        const arrive = () => {
          const piece = line.shift();
          if (piece === undefined) return;
          if (piece.number > reached) [got, reached] = [got + piece.data, piece.number];
          answers.push(piece.number);
        };
        const run: Record<string, () => void> = {
          cut: () => {
            [line, answers, attached] = [[], [], false];
            typed.detached();
          },
          attach: () => {
            if (!attached) typed.attached();
            attached = true;
          },
          arrive,
          answer: () => {
            const number = answers.shift();
            if (number !== undefined) typed.accepted(number);
          },
        };
        for (const each of steps) {
          if (each.do !== 'type') run[each.do]?.();
          else if (typed.type(each.data)) wanted += each.data;
        }
        run['attach']?.();
        for (let i = 0; i < 400 && !typed.isEmpty; i += 1) {
          arrive();
          run['answer']?.();
        }
        expect(got).toBe(wanted);
      }),
      { seed: 5 },
    );
  });
});
