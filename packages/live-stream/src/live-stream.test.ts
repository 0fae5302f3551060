import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LiveStream, type StreamAnswer, type StreamStatus } from './live-stream.js';
import type { Dial, SocketEvents } from './stream-socket.js';

/** A network of which the test decides what happens. */
class TestNetwork {
  readonly attempts: { readonly path: string; readonly way: string; readonly events: SocketEvents; closed: boolean }[] =
    [];

  dial(way: string): Dial {
    return (path, events) => {
      const attempt = { path, way, events, closed: false };
      this.attempts.push(attempt);
      return { send: () => undefined, close: () => void (attempt.closed = true) };
    };
  }

  get last() {
    return this.attempts.at(-1)!;
  }
}

function streamOn(network: TestNetwork, answer: () => StreamAnswer = () => 'go-on') {
  const statuses: StreamStatus['state'][] = [];
  const messages: string[] = [];
  let place = 0;
  const stream = new LiveStream({
    path: () => `/events?seq=${place}`,
    onMessage: (data) => {
      messages.push(String(data));
      place += 1;
      return answer();
    },
    onStatus: ({ state }) => statuses.push(state),
    dials: [network.dial('websocket'), network.dial('sse')],
  });
  stream.start();
  return { stream, statuses, messages };
}

describe('a live stream', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());
  const later = () => jest.advanceTimersByTime(10_000);

  it('attaches again after a cut, at the place that was reached', () => {
    const network = new TestNetwork();
    const { statuses } = streamOn(network);
    network.last.events.onOpen();
    network.last.events.onMessage('one');
    network.last.events.onEnd(true);
    later();
    expect(network.attempts.map(({ path }) => path)).toEqual(['/events?seq=0', '/events?seq=1']);
    expect(statuses).toEqual(['connecting', 'open', 'cut', 'connecting']);
  });

  it('takes nothing from an attachment that it has left', () => {
    const network = new TestNetwork();
    const { messages, stream } = streamOn(network);
    const [first] = network.attempts;
    first?.events.onEnd(false);
    later();
    first?.events.onMessage('late');
    stream.stop();
    network.last.events.onMessage('later');
    expect(messages).toEqual([]);
    expect(network.attempts.every(({ closed }) => closed)).toBe(true);
  });

  it('hands on what begins like a sign of life and is none', () => {
    const network = new TestNetwork();
    const { messages, statuses } = streamOn(network, () => 'attach-again');
    network.last.events.onOpen();
    network.last.events.onMessage('{"type":"heartbeat"');
    expect(messages).toEqual(['{"type":"heartbeat"']);
    expect(statuses.at(-1)).toBe('cut');
  });

  it('tries the other way when the first one never opens', () => {
    const network = new TestNetwork();
    streamOn(network);
    for (let i = 0; i < 3; i += 1) {
      network.last.events.onEnd(false);
      later();
    }
    expect(network.attempts.map(({ way }) => way)).toEqual(['websocket', 'websocket', 'websocket', 'sse']);
  });

  it('holds a line for dead that gives no sign of life', () => {
    const network = new TestNetwork();
    const { messages } = streamOn(network);
    network.last.events.onOpen();
    for (let i = 0; i < 6; i += 1) {
      jest.advanceTimersByTime(15_000);
      network.last.events.onMessage('{"type":"heartbeat","at":"2026-11-21T12:00:00.000Z"}');
    }
    expect(network.attempts).toHaveLength(1);
    jest.advanceTimersByTime(60_000);
    expect(network.attempts.length).toBeGreaterThan(1);
    expect(messages).toEqual([]);
  });

  it('does not try again what is refused or removed', () => {
    const refused = new TestNetwork();
    const one = streamOn(refused);
    refused.last.events.onMessage('{"type":"refused","code":"NOT_FOUND","message":"There is none."}');
    const removed = new TestNetwork();
    const other = streamOn(removed, () => 'removed');
    removed.last.events.onMessage('end');
    later();
    expect([one.statuses.at(-1), other.statuses.at(-1)]).toEqual(['refused', 'removed']);
    expect([refused.attempts.length, removed.attempts.length]).toEqual([1, 1]);
  });
});
