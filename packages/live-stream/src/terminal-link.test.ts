import { encodeByteFrame } from '@aileron/event-log';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SocketEvents } from './stream-socket.js';
import { TerminalLink } from './terminal-link.js';

function linked() {
  const attempts: { readonly path: string; readonly events: SocketEvents; readonly sent: unknown[] }[] = [];
  const printed: string[] = [];
  const link = new TerminalLink({
    path: '/t',
    writer: 'w',
    display: {
      reset: () => printed.push('reset'),
      write: (data) => printed.push(new TextDecoder().decode(data)),
      resize: () => undefined,
      exited: () => undefined,
      gap: () => printed.push('gap'),
    },
    onStatus: () => undefined,
    dials: [
      (path, events) => {
        const sent: unknown[] = [];
        attempts.push({ path, events, sent });
        return { send: (text) => sent.push(JSON.parse(text)), close: () => undefined };
      },
    ],
  });
  link.start();
  return { link, attempts, printed, last: () => attempts.at(-1)! };
}

const output = (seq: number, text: string) =>
  encodeByteFrame({
    type: 'events',
    epoch: 'e',
    events: [{ seq, event: Uint8Array.of(0, ...new TextEncoder().encode(text)) }],
  });

describe('a terminal over cuts', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('prints on where it was, and types again what nobody answered', () => {
    const { link, last, printed, attempts } = linked();
    link.resize({ columns: 80, rows: 24 });
    last().events.onOpen();
    last().events.onMessage(output(1, 'a'));
    link.type('x');
    link.type('y');
    last().events.onMessage('{"type":"accepted","number":1}');
    last().events.onEnd(true);
    link.type('z');
    jest.advanceTimersByTime(10_000);
    expect(last().path).toBe('/t?epoch=e&seq=1');
    last().events.onOpen();
    last().events.onMessage(output(2, 'b'));
    expect(printed).toEqual(['a', 'b']);
    expect(attempts).toHaveLength(2);
    expect(last().sent).toEqual([
      { type: 'resize', columns: 80, rows: 24 },
      { type: 'input', writer: 'w', number: 2, data: 'y' },
      { type: 'input', writer: 'w', number: 3, data: 'z' },
    ]);
    expect(link.isTyped).toBe(false);
    last().events.onMessage('{"type":"accepted","number":3}');
    expect(link.isTyped).toBe(true);
  });
});
