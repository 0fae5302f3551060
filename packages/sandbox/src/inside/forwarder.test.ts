import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createForwarder } from './forwarder.js';

describe('the forwarder', () => {
  let path = '';
  let forwarder: Server;
  let port = 0;
  const open = new Set<Server>();
  const sockets = new Set<Socket>();

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const listen = async (onConnection: (socket: Socket) => void): Promise<Server> => {
    const server = createServer({ allowHalfOpen: true }, (socket) => onConnection(keep(socket)));
    open.add(server.listen(path));
    await once(server, 'listening');
    return server;
  };
  const dial = (): Socket => keep(connect({ host: '127.0.0.1', port, allowHalfOpen: true }));
  const readAll = async (socket: Socket): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    socket.destroy();
    return Buffer.concat(chunks);
  };

  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'aileron-forwarder-')), 'proxy.sock');
    forwarder = createForwarder(path).listen(0, '127.0.0.1');
    await once(forwarder, 'listening');
    port = (forwarder.address() as AddressInfo).port;
  });
  afterEach(() => {
    for (const server of [...open, forwarder]) server.close();
    for (const socket of sockets) socket.destroy();
    open.clear();
    sockets.clear();
  });

  it('carries bytes both ways and passes the half-close on', async () => {
    await listen((socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      // Answers after the other side has ended: only a half-open tunnel lets it.
      socket.on('end', () => socket.end(Buffer.concat([Buffer.from('seen:'), ...chunks])));
    });
    const sent = randomBytes(3_000_000);
    const client = dial();
    client.end(sent);
    const answer = await readAll(client);
    expect(answer.subarray(0, 5).toString()).toBe('seen:');
    expect(answer.subarray(5).equals(sent)).toBe(true);
  });

  it('holds back a sender that the proxy does not read', async () => {
    const accepted = Promise.withResolvers<Socket>();
    await listen((socket) => accepted.resolve(socket.pause()));
    const client = dial();
    const proxySide = await accepted.promise;
    const total = 64 << 20;
    client.end(Buffer.alloc(total));
    // The kernel's buffers and ours are full when nothing moves any more.
    let before = -1;
    while (before !== client.bytesWritten - client.writableLength) {
      before = client.bytesWritten - client.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(before).toBeLessThan(32 << 20);
    let read = 0;
    for await (const chunk of proxySide as AsyncIterable<Buffer>) read += chunk.length;
    expect(read).toBe(total);
    client.destroy();
  });

  it('finds a proxy that was restarted', async () => {
    const first = await listen((socket) => socket.end('first'));
    expect((await readAll(dial())).toString()).toBe('first');
    first.close();
    await once(first, 'close');
    await rm(path, { force: true });
    const client = dial();
    const answer = readAll(client);
    await listen((socket) => socket.end('second'));
    expect((await answer).toString()).toBe('second');
  });

  it('answers 503 when there is no proxy', async () => {
    const client = dial();
    client.write('CONNECT a:443 HTTP/1.1\r\n\r\n');
    const text = (await readAll(client)).toString();
    expect(text).toContain('HTTP/1.1 503');
    expect(text).toContain('ENFORCEMENT_UNAVAILABLE');
    client.destroy();
  });

  it('cuts the client when the proxy cuts', async () => {
    await listen((socket) => socket.once('data', () => socket.destroy()));
    const client = dial();
    client.write('x');
    expect((await readAll(client)).length).toBe(0);
    client.destroy();
  });
});
