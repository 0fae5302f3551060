import { createHash, randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { AgentBody } from './agent-body.js';
import { ByteSource } from './byte-source.js';
import type { BodyFraming } from './framed-body.js';

const never = new AbortController().signal;

function bodyOf(framing: BodyFraming) {
  const socket = new PassThrough();
  const source = new ByteSource(socket);
  return { socket, body: new AgentBody({ source, framing, idleMs: 30_000, onFirstRead: () => undefined }) };
}

async function sendIn(socket: PassThrough, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    socket.write(bytes.subarray(at, at + pieceBytes));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the body of an agent', () => {
  it.each([65_536, 65_537, 300_000, 1_000_000])('of %i bytes is whole, whatever pieces it comes in', async (length) => {
    for (const pieceBytes of [10_000, 65_536, 2_000_000]) {
      const sent = randomBytes(length);
      const { socket, body } = bodyOf({ kind: 'length', length });
      const [whole] = await Promise.all([body.readAll(length, never), sendIn(socket, sent, pieceBytes)]);
      expect(whole.equals(sent)).toBe(true);
      expect(body.finished).toBe(true);
      // Hashed as it came, or not at all: then whoever needs it hashes what was read.
      const digest = createHash('sha256').update(sent).digest();
      expect([null, digest.toString('hex')]).toContain(body.sha256 && Buffer.from(body.sha256).toString('hex'));
    }
  });

  it('that is long is hashed as it comes', async () => {
    const { socket, body } = bodyOf({ kind: 'length', length: 200_000 });
    const reading = body.readAll(200_000, never);
    await sendIn(socket, Buffer.alloc(200_000, 'a'), 50_000);
    expect(Buffer.from((await reading) as Uint8Array)).toHaveLength(200_000);
    expect(body.sha256).not.toBeNull();
  });

  it('takes no room for a length that was only said', async () => {
    const said = 64 << 20;
    const stop = new AbortController();
    const before = process.memoryUsage().arrayBuffers;
    const bodies = Array.from({ length: 20 }, () => bodyOf({ kind: 'length', length: said }));
    const reading = bodies.map(({ body }) => Promise.resolve(body.readAll(said, stop.signal)));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(said);
    for (const { socket } of bodies) socket.end();
    for (const each of await Promise.allSettled(reading)) expect(each.status).toBe('rejected');
  });

  it('that ends early, or is aborted, is no body', async () => {
    const early = bodyOf({ kind: 'length', length: 200_000 });
    const reading = Promise.resolve(early.body.readAll(200_000, never));
    early.socket.end(Buffer.alloc(100_000));
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(early.body.sha256).toBeNull();
    const aborted = bodyOf({ kind: 'length', length: 200_000 });
    const stop = AbortSignal.abort();
    await expect(aborted.body.readAll(200_000, stop)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(() => bodyOf({ kind: 'length', length: 200_000 }).body.readAll(199_999, never)).toThrow();
  });
});
