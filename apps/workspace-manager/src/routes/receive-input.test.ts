import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { waitUntil } from '../testing/wait-until.fixture.js';
import { receiveInput } from './receive-input.js';

jest.setTimeout(240_000);

const MIB = 1_024 * 1_024;
let server: WebSocketServer;
let page: WebSocket;
let served: WebSocket;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: false });
  page.on('error', () => undefined);
  [served] = (await once(server, 'connection')) as [WebSocket];
  if (page.readyState !== page.OPEN) await once(page, 'open');
});
afterEach(async () => {
  page.terminate();
  await new Promise((resolve) => server.close(resolve));
});

describe('what a page sends', () => {
  it('is read no further than is handled, by its bytes, and is handled in order', async () => {
    const handled: number[] = [];
    const release = Promise.withResolvers<void>();
    receiveInput(served, async (text) => {
      await release.promise;
      handled.push(Number.parseInt(text, 10));
      return { handled: handled.length };
    });
    let read = 0;
    served.on('message', (data: Buffer) => (read += data.byteLength));
    const answered: Promise<unknown> = waitUntil(() => handled.length === 64);
    for (let number = 0; number < 64; number += 1) page.send(String(number).padEnd(MIB / 4));
    await waitUntil(() => served.isPaused);
    expect(read).toBeLessThanOrEqual(2 * MIB);
    release.resolve();
    await answered;
    expect(handled).toEqual(Array.from({ length: 64 }, (_, index) => index));
  });

  it('closes the socket when it cannot be handled', async () => {
    receiveInput(served, () => Promise.reject(new Error('no input')));
    page.send('something');
    const [code] = (await once(page, 'close')) as [number];
    expect(code).toBe(1008);
  });
});
