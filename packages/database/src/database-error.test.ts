import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { isDatabaseUnavailable } from './database-error.js';

describe('a database that does not answer', () => {
  it('is unavailable also when it takes the connection and says nothing', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new Client({ host: '127.0.0.1', port, user: 'nobody', connectionTimeoutMillis: 100 });
    client.on('error', () => undefined);
    const error: unknown = await client.connect().catch((thrown: unknown) => thrown);
    expect(isDatabaseUnavailable(error)).toBe(true);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});
