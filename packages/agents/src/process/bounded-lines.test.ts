import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundedLines, type BoundedLine } from './bounded-lines.js';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let i = 0; from < bytes.length; i += 1) {
    const size = Math.max(1, sizes[i % Math.max(1, sizes.length)] ?? 1);
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

async function linesOf(bytes: Uint8Array, sizes: readonly number[], max: number): Promise<BoundedLine[]> {
  const found: BoundedLine[] = [];
  for await (const line of boundedLines(chunksOf(bytes, sizes), max)) found.push(line);
  return found;
}

describe('lines of a stream', () => {
  it('are the same however they arrive, also where a character is cut', async () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/\s/g, '_'));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(word), sizes, async (words, cuts) => {
        const lines = await linesOf(Buffer.from(words.join('\n')), cuts, 1_000);
        const wanted = words.map((text) => Buffer.from(text).toString().trim()).filter((text) => text !== '');
        expect(lines).toEqual(wanted.map((text) => ({ type: 'line', text })));
      }),
    );
  });

  it('are left out when they are too long, and those after them are not', async () => {
    const bytes = Buffer.from(`one\n${'x'.repeat(11)}\n${'y'.repeat(10)}\nlast`);
    for (const size of [1, 3, 7, 1_000]) {
      expect(await linesOf(bytes, [size], 10)).toEqual([
        { type: 'line', text: 'one' },
        { type: 'too-long', bytes: 11 },
        { type: 'line', text: 'y'.repeat(10) },
        { type: 'line', text: 'last' },
      ]);
    }
  });

  it('never hold more than the limit', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 512; i += 1) yield chunk;
      yield Buffer.from('\n');
    }
    const before = process.memoryUsage().arrayBuffers;
    for await (const line of boundedLines(endless(), 1_000))
      expect(line).toEqual({ type: 'too-long', bytes: 512 << 20 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });
});
