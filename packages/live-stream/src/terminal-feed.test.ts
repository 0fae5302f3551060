import { encodeByteFrame } from '@aileron/event-log';
import { describe, expect, it } from '@jest/globals';
import { TerminalFeed, type TerminalDisplay } from './terminal-feed.js';
import { decodeChunk, decodeScreen } from './terminal-frames.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const output = (text: string) => Uint8Array.of(0, ...bytes(text));
const events = (first: number, ...chunks: Uint8Array[]) =>
  encodeByteFrame({ type: 'events', epoch: 'e', events: chunks.map((event, i) => ({ seq: first + i, event })) });

/** What a terminal would show, as text. */
function shown() {
  const log: string[] = [];
  const display: TerminalDisplay = {
    reset: ({ columns, rows }, drawing) => log.push(`reset ${columns}x${rows} ${new TextDecoder().decode(drawing)}`),
    write: (data) => log.push(new TextDecoder().decode(data)),
    resize: (columns, rows) => log.push(`size ${columns}x${rows}`),
    exited: (code) => log.push(`exit ${code}`),
    gap: () => log.push('gap'),
  };
  return { log, feed: new TerminalFeed(display) };
}

describe('the frames of a terminal', () => {
  it('are output, sizes and the exit, as terminal.proto has them', () => {
    expect(decodeChunk(output('hi'))).toEqual({ kind: 'output', data: bytes('hi') });
    expect(decodeChunk(Uint8Array.of(1, 0, 132, 1, 44))).toEqual({ kind: 'resize', columns: 132, rows: 300 });
    expect(decodeChunk(Uint8Array.of(2, 255, 255, 255, 255))).toEqual({ kind: 'exit', code: -1 });
    expect(decodeScreen(Uint8Array.of(0, 80, 0, 24, 120))).toEqual({ columns: 80, rows: 24, drawing: bytes('x') });
    for (const hostile of [[], [3], [1, 0], [2, 0]])
      expect(() => decodeChunk(Uint8Array.from(hostile))).toThrow(RangeError);
  });

  it('are shown once each, and after a cut from where they were', () => {
    const { log, feed } = shown();
    feed.accept(
      encodeByteFrame({ type: 'snapshot', at: { epoch: 'e', seq: 4 }, snapshot: Uint8Array.of(0, 80, 0, 24, 36) }),
    );
    feed.accept(events(5, output('a'), Uint8Array.of(1, 0, 100, 0, 30)));
    expect(feed.attachPath('/t')).toBe('/t?epoch=e&seq=6');
    feed.accept(events(5, output('a'), Uint8Array.of(1, 0, 100, 0, 30), output('b')));
    feed.accept(events(8, Uint8Array.of(2, 0, 0, 0, 7)));
    expect(log).toEqual(['reset 80x24 $', 'a', 'size 100x30', 'b', 'exit 7']);
  });

  it('that are broken or leave something out are asked for again', () => {
    const { log, feed } = shown();
    for (const frame of [new Uint8Array(), Uint8Array.of(9, 9, 9), events(7, output('x'))]) {
      expect(feed.accept(frame)).toBe('attach-again');
    }
    expect(log).toEqual([]);
  });
});
