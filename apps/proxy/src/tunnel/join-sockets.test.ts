import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { joinSockets } from './join-sockets.js';

/** Both ends of a TCP connection, half-open allowed. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [socket] = (await accepted) as [Socket];
  server.close();
  for (const each of [client, socket]) each.on('error', () => undefined);
  return [client, socket];
}

async function joined(idleMs = 5_000, first = Buffer.alloc(0)) {
  const [client, agent] = await pair();
  const [upstream, server] = await pair();
  return { client, server, end: joinSockets({ agent, upstream, first, idleMs }) };
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('joinSockets', () => {
  it('passes megabytes both ways, the first bytes first, and counts them', async () => {
    const { client, server, end } = await joined(5_000, Buffer.from('hello'));
    const [up, down] = [randomBytes(3_000_000), randomBytes(2_000_000)];
    const received = Promise.all([readAll(server), readAll(client)]);
    client.end(up);
    server.end(down);
    const [atServer, atClient] = await received;
    expect(atServer.equals(Buffer.concat([Buffer.from('hello'), up]))).toBe(true);
    expect(atClient.equals(down)).toBe(true);
    expect(await end).toEqual({ bytesUp: up.length + 5, bytesDown: down.length, end: 'closed' });
  });

  it('lets one direction end while the other goes on', async () => {
    const { client, server, end } = await joined();
    client.end('question');
    expect(String(await readAll(server))).toBe('question');
    server.end('a late answer');
    expect(String(await readAll(client))).toBe('a late answer');
    expect((await end).end).toBe('closed');
  });

  it('does not read what the other side does not take', async () => {
    const { client, server, end } = await joined(1_000);
    server.pause();
    let accepted = 0;
    const chunk = Buffer.alloc(1 << 20);
    while (accepted < 64 && (client.write(chunk) || (await Promise.race([once(client, 'drain'), pause(300)]))))
      accepted += 1;
    expect(accepted).toBeLessThan(40);
    client.destroy();
    server.resume();
    expect((await end).bytesUp).toBeGreaterThan(0);
  });

  it('ends what is idle, and what is cut off on either side', async () => {
    const idle = await joined(30);
    expect((await idle.end).end).toBe('idle');
    const cut = await joined();
    const gone = once(cut.client, 'end');
    cut.client.resume();
    cut.server.resetAndDestroy();
    expect(['cut', 'error']).toContain((await cut.end).end);
    await gone;
  });
});

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms));
}
