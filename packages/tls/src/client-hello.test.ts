import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_CLIENT_HELLO_BYTES, parseClientHello } from './client-hello.js';

/** The true first flight of Node's (OpenSSL's) client. */
async function realClientHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes as Buffer;
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const vector16 = (body: Buffer): Buffer => Buffer.concat([u16(body.length), body]);
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), vector16(body)]);
const serverName = (name: Buffer | string): Buffer =>
  extension(0, vector16(Buffer.concat([Buffer.from([0]), vector16(Buffer.from(name))])));

function message(extensions: readonly Buffer[]): Buffer {
  const head = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0x13, 0x01, 1, 0])]);
  const body = Buffer.concat([head, vector16(Buffer.concat(extensions))]);
  return Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
}

function records(bytes: Buffer, size: number): Buffer {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    all.push(Buffer.from([22, 3, 1]), vector16(bytes.subarray(at, at + size)));
  }
  return Buffer.concat(all);
}

const hello = (...extensions: Buffer[]): Buffer => records(message(extensions), 16_384);

describe('parseClientHello', () => {
  let real: Buffer;
  beforeAll(async () => {
    real = await realClientHello({ servername: 'api.linear.app', ALPNProtocols: ['h2', 'http/1.1'] });
  });

  it('reads server name and protocols of a real client', () => {
    expect(parseClientHello(real)).toEqual({
      status: 'ok',
      sni: 'api.linear.app',
      alpn: ['h2', 'http/1.1'],
      ech: false,
    });
  });

  it('is incomplete for every true beginning of a real ClientHello, one byte at a time', () => {
    for (let end = 0; end < real.length; end++) {
      expect(parseClientHello(real.subarray(0, end)).status).toBe('incomplete');
    }
  });

  it('joins records of any size, of one byte too', () => {
    const whole = real.subarray(5);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), (size) => {
        expect(parseClientHello(records(whole, size))).toMatchObject({ status: 'ok', sni: 'api.linear.app' });
      }),
      { numRuns: 40 },
    );
    expect(parseClientHello(records(message([serverName('a.example')]), 1))).toMatchObject({ sni: 'a.example' });
  });

  it('knows a client without server name', async () => {
    const bytes = await realClientHello({ servername: '' });
    expect(parseClientHello(bytes)).toMatchObject({ status: 'ok', sni: null, alpn: [] });
  });

  it.each([0xfe0d, 0xffce])('sees that extension %i hides the true name', (type) => {
    expect(parseClientHello(hello(serverName('outer.example'), extension(type, Buffer.alloc(40))))).toMatchObject({
      sni: 'outer.example',
      ech: true,
    });
  });

  it.each<[string, string | Buffer]>([
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['plain HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['SOCKS5', Buffer.from([5, 1, 0])],
    ['a TLS alert', Buffer.from([21, 3, 3, 0, 2, 2, 40])],
    ['SSL 2', Buffer.from([0x80, 0x2e, 1, 0, 2])],
    ['a record of another major version', Buffer.from([22, 2, 1, 0, 5])],
  ])('says that %s is not TLS', (_, bytes) => {
    expect(parseClientHello(Buffer.from(bytes)).status).toBe('not-tls');
  });

  it.each<[string, () => Buffer]>([
    ['server_name twice', () => hello(serverName('a.example'), serverName('b.example'))],
    [
      'two names in one server_name',
      () => hello(extension(0, vector16(Buffer.concat([namedHost('a.example'), namedHost('b.example')])))),
    ],
    ['a name of another type', () => hello(extension(0, vector16(Buffer.from([1, 0, 1, 0x61]))))],
    ['an empty name', () => hello(serverName(''))],
    ['NUL in a name', () => hello(serverName('a.example\0.evil.example'))],
    ['a space in a name', () => hello(serverName('a.example b'))],
    ['8-bit bytes in a name', () => hello(serverName(Buffer.from([0x61, 0xad, 0x62])))],
    ['a name of 256 bytes', () => hello(serverName('a'.repeat(256)))],
    [
      'bytes after the list of names',
      () => hello(extension(0, Buffer.concat([vector16(namedHost('a.example')), Buffer.from([0])]))),
    ],
    ['an extension longer than its message', () => hello(Buffer.from([0, 0, 0xff, 0xff]))],
    ['another handshake message', () => records(Buffer.from([2, 0, 0, 1, 0]), 100)],
    [
      'a message after it in the record',
      () => records(Buffer.concat([message([]), Buffer.from([1, 0, 0, 0])]), 16_384),
    ],
    ['an empty record', () => Buffer.from([22, 3, 1, 0, 0])],
    ['a record over 16 KiB', () => Buffer.from([22, 3, 1, 0x40, 1])],
    ['a message of 16 MiB', () => Buffer.from([22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff])],
    [
      'another record type in between',
      () => Buffer.concat([records(message([]).subarray(0, 10), 10), Buffer.from([23, 3, 3, 0, 1, 0])]),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(parseClientHello(bytes()).status).toBe('invalid');
  });

  it('gives up on what never becomes whole', () => {
    const endless = records(Buffer.concat([Buffer.from([1, 0, 0x3f, 0xf0]), Buffer.alloc(16_000)]), 1);
    expect(parseClientHello(endless.subarray(0, MAX_CLIENT_HELLO_BYTES)).status).toBe('invalid');
  });

  it('never throws and never finds another name in mutated bytes', () => {
    const edit = fc.record({ at: fc.nat({ max: 600 }), byte: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), fc.nat({ max: 700 }), (edits, cut) => {
        const bytes = Buffer.from(real.subarray(0, cut > 600 ? real.length : cut));
        for (const { at, byte } of edits) if (at < bytes.length) bytes[at] = byte;
        const result = parseClientHello(bytes);
        if (result.status === 'ok' && result.sni !== null) expect(bytes.includes(result.sni)).toBe(true);
      }),
      { numRuns: 3_000, seed: 7 },
    );
  });
});

function namedHost(name: string): Buffer {
  return Buffer.concat([Buffer.from([0]), vector16(Buffer.from(name))]);
}
