import { createServer, connect, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectHead, connectThroughProxy, RawClient } from './raw-client.js';
import { startRawUpstream, type RawUpstream } from './raw-upstream.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server on a Unix socket of its own. */
async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'raw-client-'));
  const path = join(folder, 's');
  const server: Server = createServer((socket) => onConnection(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  closing.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => server.close(),
  );
  return path;
}

async function upstream(
  answer: string,
  options: { certificateHost?: string; notAfter?: Date } = {},
): Promise<RawUpstream> {
  const server = await startRawUpstream('up.example', {
    onConnection: (socket) => socket.once('data', () => socket.end(answer)),
    ...options,
  });
  closing.push(() => server.close());
  return server;
}

/** A proxy that connects whatever it is asked for to one upstream. */
const tunnelTo = (port: number) => (socket: Socket) =>
  void socket.once('data', () => {
    const out = connect(port, '127.0.0.1');
    out.on('error', () => socket.destroy());
    socket.on('close', () => out.destroy());
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.pipe(out).pipe(socket);
  });

describe('RawClient', () => {
  it('sends exact bytes and reads pipelined responses one by one', async () => {
    const seen: string[] = [];
    const socketPath = await serve((socket) => {
      socket.on('data', (chunk) => seen.push(chunk.toString('latin1')));
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n',
      );
      setTimeout(() => socket.write('0\r\nx-trailer: 1\r\n\r\nHTTP/1.1 204 Empty\r\n\r\nrest'), 20);
    });
    using client = await RawClient.connect({ socketPath });
    client.write('GET / HTTP/1.1\nodd: \x00\xff\r\n');
    expect((await client.readResponse()).body.toString()).toBe('hi');
    expect(await client.readResponse()).toMatchObject({ status: 404, body: Buffer.from('abc') });
    expect((await client.readResponse()).status).toBe(204);
    expect((await client.read(4)).toString()).toBe('rest');
    expect(seen.join('')).toBe('GET / HTTP/1.1\nodd: \x00\xff\r\n');
  });

  it('ends a wait with the end of the connection or its deadline', async () => {
    const silent = await serve(() => undefined);
    using client = await RawClient.connect({ socketPath: silent }, { deadlineMs: 50 });
    await expect(client.readResponse()).rejects.toThrow('nothing more within 50 ms');
    const cut = await serve((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
    using other = await RawClient.connect({ socketPath: cut });
    await expect(other.readResponse()).rejects.toThrow('ended inside a response');
    await expect(RawClient.connect({ socketPath: `${cut}-none` })).rejects.toThrow('ENOENT');
  });

  it('speaks TLS through a CONNECT tunnel, and reads the refusal when there is none', async () => {
    const server = await upstream('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end');
    const proxy = { socketPath: await serve(tunnelTo(server.port)) };
    const tls = { caPem: server.caPem, servername: 'up.example' };
    const { client } = await connectThroughProxy({ proxy, head: connectHead('up.example:443', 'token'), tls });
    client.write('GET / HTTP/1.1\r\n\r\n');
    expect((await client.readResponse()).body.toString()).toBe('to the end');
    expect([server.received[0]?.toString(), server.connections()]).toEqual(['GET / HTTP/1.1\r\n\r\n', 1]);
    const refusing = {
      socketPath: await serve((socket) => void socket.end('HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno')),
    };
    const refused = await connectThroughProxy({ proxy: refusing, head: connectHead('up.example:443'), tls });
    expect([refused.response.status, refused.response.body.toString()]).toEqual([407, 'no']);
  });

  it('refuses a certificate of another name, another authority or another time', async () => {
    const good = await upstream('');
    const wrong = await upstream('', { certificateHost: 'other.example' });
    const old = await upstream('', { notAfter: new Date(Date.now() - 1_000) });
    const shake = async (server: RawUpstream, caPem: string) =>
      (await RawClient.connect({ port: server.port })).startTls({ caPem, servername: 'up.example' });
    await expect(shake(wrong, wrong.caPem)).rejects.toThrow('altnames');
    await expect(shake(good, wrong.caPem)).rejects.toThrow('unable to verify');
    await expect(shake(old, old.caPem)).rejects.toThrow('expired');
    (await shake(good, good.caPem)).close();
  });
});
