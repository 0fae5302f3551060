import { AileronError } from '@aileron/errors';
import { describe, expect, it } from '@jest/globals';
import { pumpStream } from './stream-pump.js';

const never = new AbortController().signal;
const cut = () => undefined;

describe('a stream to a reader', () => {
  it('is read no faster than the reader takes it', async () => {
    let made = 0;
    let taken = 0;
    let furthest = 0;
    async function* messages() {
      for (; made < 100; made += 1) {
        furthest = Math.max(furthest, made - taken);
        yield { number: made };
      }
    }
    const send = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      taken += 1;
    };
    await pumpStream({ messages: messages() }, { send }, { signal: never, cut });
    expect([taken, furthest]).toEqual([100, 0]);
  });

  it('says last why it ended, and nothing of the cause', async () => {
    async function* messages() {
      yield { number: 1 };
      throw new AileronError('UNAVAILABLE', {}, { cause: new Error('secret') });
    }
    const sent: unknown[] = [];
    const send = async (text: string | Uint8Array): Promise<void> => void sent.push(JSON.parse(String(text)));
    await pumpStream({ messages: messages() }, { send }, { signal: never, cut });
    expect(sent).toMatchObject([{ number: 1 }, { type: 'refused', code: 'UNAVAILABLE' }]);
    expect(JSON.stringify(sent)).not.toContain('secret');
  });

  it('ends when the reader is gone', async () => {
    const gone = new AbortController();
    async function* messages() {
      for (let number = 0; ; number += 1) yield { number };
    }
    let sent = 0;
    const send = async (): Promise<void> => {
      sent += 1;
      if (sent === 3) gone.abort();
    };
    await pumpStream({ messages: messages() }, { send }, { signal: gone.signal, cut });
    expect(sent).toBe(3);
  });
});
