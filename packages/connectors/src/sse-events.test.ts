import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SseEvents } from './sse-events.js';

function events(...chunks: readonly (string | Uint8Array)[]): string[] {
  const found: string[] = [];
  const reader = new SseEvents((data) => found.push(data));
  for (const chunk of chunks) reader.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
  return found;
}

describe('server-sent events', () => {
  it('are the same however they are cut and whatever ends their lines', () => {
    const line = fc.constantFrom(
      'data: a',
      'data:b',
      'data:  é€😀',
      'data',
      'event: x',
      ': ping',
      'retry: 1',
      'data: {"x":1}',
    );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const event = fc.tuple(fc.array(line, { maxLength: 4 }), fc.array(end, { minLength: 5, maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), fc.array(fc.nat(200), { maxLength: 20 }), (parts, cuts) => {
        const expected: string[] = [];
        let text = '';
        for (const [lines, ends] of parts) {
          // `\r` then `\n` would be one end: an event is closed by two of a kind.
          for (const each of lines) text += `${each}${ends[0]}`;
          text += ends[0];
          const data = lines.filter((each) => each.startsWith('data:')).map((each) => each.slice(5).replace(/^ /, ''));
          if (data.length > 0) expected.push(data.join('\n'));
          if (ends[0] === '\r') text += ': x\n';
        }
        const bytes = new TextEncoder().encode(text);
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
        expect(events(...places.slice(1).map((to, index) => bytes.subarray(places[index], to)))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('take a line feed once', () => {
    expect(events('data: a\r', '\n', '\ndata: b\r\n\r', '\n')).toEqual(['a', 'b']);
    expect(events('data: a\r', '\n', '\r', '\n')).toEqual(['a']);
  });

  it('do not come from a stream that was cut, and begin after a byte order mark', () => {
    expect(events('data: a\n')).toEqual([]);
    expect(events(Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), 'data: a\n\n')).toEqual(['a']);
  });

  it('that are too long are given up, and those after them are read', () => {
    const long = 'x'.repeat(600_000);
    const lengths = (...chunks: string[]): number[] => events(...chunks).map(({ length }) => length);
    expect(lengths(`data: ${long}`, `${long}\n`, 'data: y\n\n', 'data: z\n\n')).toEqual([1]);
    expect(lengths(...Array.from({ length: 20 }, () => `data: ${'x'.repeat(100_000)}\n`), '\ndata: z\n\n')).toEqual([
      1,
    ]);
    expect(lengths(`data: ${long}\n\n`)).toEqual([600_000]);
  });

  it('are not lost to a million pings before them', () => {
    expect(events(...Array.from({ length: 300 }, () => `: ${'p'.repeat(10_000)}\n`), 'data: a\n\n')).toEqual(['a']);
  });
});
