import { type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startRawUpstream } from '@aileron/testing';
import {
  ANTHROPIC,
  LINEAR,
  message,
  openTunnel,
  requestText,
  send,
  TestWorld,
  until,
  viewer,
} from './proxy.fixture.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** A model upstream that begins a stream and goes on when it is told to. */
async function startStreaming() {
  let upstreamSocket: TLSSocket | undefined;
  const world = await TestWorld.start({}, async (made) => {
    const upstream = await startRawUpstream(ANTHROPIC, {
      onConnection: (socket) =>
        socket.once('data', () => {
          upstreamSocket = socket;
          socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
          socket.write(chunk('event: ping\n\n'));
        }),
    });
    closing.push(() => upstream.close());
    made.anthropicUpstream = upstream;
  });
  closing.push(() => world.close());
  const session = await world.session();
  const client = await openTunnel(session, ANTHROPIC);
  client.write(requestText(ANTHROPIC, message(true)));
  const answer = client.readResponse();
  await until(() => upstreamSocket !== undefined);
  return { world, session, answer, upstream: () => upstreamSocket! };
}

describe('a proxy that stops', () => {
  it('lets a stream end, and meanwhile refuses what is new', async () => {
    const { world, session, answer, upstream } = await startStreaming();
    const stopping = world.proxy.stop();
    expect(await send(session, LINEAR, viewer)).toMatchObject({ status: 503 });
    upstream().end(`${chunk('event: message_stop\n\n')}0\r\n\r\n`);
    expect(await answer).toMatchObject({ status: 200 });
    await stopping;
    const outcome = (await world.records(session.info.sessionId)).find(({ kind }) => kind === 'outcome');
    expect(outcome).toMatchObject({ outcome: { state: 'ok', status: 200 } });
  });

  it('cuts a stream that does not end in time, and has it on record', async () => {
    const { world, session, answer } = await startStreaming();
    const cut = expect(answer).rejects.toThrow();
    const startedAt = performance.now();
    await world.proxy.stop();
    await cut;
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    const outcome = (await world.records(session.info.sessionId)).find(({ kind }) => kind === 'outcome');
    expect(outcome).toMatchObject({ outcome: { state: 'cut', status: 200 } });
  });
});
