import { describe, expect, it } from '@jest/globals';
import { MOST_LOG_BYTES, textOfStream } from './container-output.js';

const frame = (stream: number, text: string): Buffer => {
  const content = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
};

describe('the output of a container', () => {
  it('is taken apart by stream', () => {
    const frames = Buffer.concat([frame(1, 'a\n'), frame(2, 'x\n'), frame(1, 'b\n')]);
    expect(textOfStream(frames, 'stdout')).toBe('a\nb\n');
    expect(textOfStream(frames, 'stderr')).toBe('x\n');
    expect(textOfStream(frames.subarray(0, -1), 'stdout')).toBe('a\nb');
    expect(textOfStream(Buffer.alloc(0), 'stdout')).toBe('');
  });

  it('is kept to its last whole lines', () => {
    const lines = Array.from({ length: 10_000 }, (_, line) => `line ${line}\n`).join('');
    const text = textOfStream(frame(1, lines), 'stdout');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_LOG_BYTES);
    expect(text).toMatch(/^line \d+\n/);
    expect(text.endsWith('line 9999\n')).toBe(true);
    expect(textOfStream(frame(1, 'x'.repeat(100_000)), 'stdout')).toHaveLength(MOST_LOG_BYTES);
  });
});
