import { createServer, METHODS, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteSource } from './byte-source.js';
import { FramedBody } from './framed-body.js';
import { malformed } from './malformed.js';
import { requestInTunnel } from './request-head.js';
import { parseRequestMessage } from './request-message.js';

/** What a reader made of one stream of bytes: its requests up to the first that it refused. */
interface Reading {
  readonly requests: readonly string[];
  readonly refused: boolean;
}

const tell = (method: string, url: string, fields: readonly (readonly string[])[], body: string): string =>
  JSON.stringify([method, url, fields, body]);

async function ourReading(bytes: Buffer): Promise<Reading> {
  const stream = new PassThrough();
  const source = new ByteSource(stream);
  stream.end(bytes);
  const requests: string[] = [];
  const cut = (): Error => new Error('cut');
  try {
    for (;;) {
      const rules = {
        limit: 65_536,
        deadlineMs: 1_000,
        tooLong: () => malformed('long'),
        bareLineFeed: () => malformed('bare LF'),
      };
      const head = await source.through('\r\n\r\n', rules);
      if (head === null) return { requests, refused: false };
      const message = parseRequestMessage(head);
      const { method, rawTarget, fields, framing } = message;
      requestInTunnel(message, { host: 'a', port: 443 });
      // llhttp has a list of methods; ours are judged by the matcher.
      if (!METHODS.includes(method) || method === 'CONNECT') return { requests, refused: true };
      const body = new FramedBody(source, framing, { idleMs: 1_000, broken: malformed, cut });
      let text = '';
      for (let piece = await body.read(); piece !== null; piece = await body.read()) text += piece.toString('latin1');
      requests.push(tell(method, rawTarget, fields, text));
    }
  } catch {
    return { requests, refused: true };
  }
}

/** Node's own server: llhttp, strict. */
class NodeReader {
  #server: Server = createServer({ insecureHTTPParser: false, requireHostHeader: true, keepAliveTimeout: 5_000 });
  #requests: Promise<string>[] = [];

  async start(): Promise<void> {
    this.#server.on('request', (request, response) => {
      this.#requests.push(collect(request));
      request.on('end', () => response.end());
      request.resume();
    });
    this.#server.on('connect', (_, socket) => socket.destroy());
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async read(bytes: Buffer): Promise<readonly string[]> {
    this.#requests = [];
    const socket = connect((this.#server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(bytes);
    await once(socket, 'close');
    return (await Promise.all(this.#requests)).filter((request) => request !== '');
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** '' when the body never became whole. */
function collect(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
    request.once('close', () =>
      resolve(request.complete ? tell(request.method ?? '', request.url ?? '', pairs(request.rawHeaders), body) : ''),
    );
  });
}

function pairs(raw: readonly string[]): (readonly string[])[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? '']] : []));
}

const SEEDS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-A: \t b \r\n\r\n',
].map((text) => Buffer.from(text));
const SNIPPETS = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  '\0',
  '\x0b',
  '0',
  '5',
  '+',
  ',',
  'chunked',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 6\r\n',
  'transfer-encoding : chunked\r\n',
  ';',
  '\r\n ',
  'Transfer-Encoding: identity, chunked\r\n',
  'Host: b\r\n',
  '\x80',
  '_',
  '0\r\n\r\n',
  'GET /x HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.0',
  '%',
  '0x5',
  'xchunked',
];

const edit = fc.record({
  at: fc.nat({ max: 160 }),
  remove: fc.nat({ max: 3 }),
  insert: fc.constantFrom('', ...SNIPPETS),
});
const stream = fc
  .record({
    seeds: fc.array(fc.constantFrom(...SEEDS), { minLength: 1, maxLength: 3 }),
    edits: fc.array(edit, { maxLength: 3 }),
  })
  .map(({ seeds, edits }) => {
    let text = Buffer.concat(seeds).toString('latin1');
    for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
    return Buffer.from(text, 'latin1');
  });

describe('our reader beside llhttp', () => {
  const node = new NodeReader();
  beforeAll(() => node.start());
  afterAll(() => node.stop());

  it('reads whole, well-formed streams alike', async () => {
    for (const seed of SEEDS) {
      const { requests, refused } = await ourReading(seed);
      expect(refused).toBe(false);
      expect(requests).toEqual(await node.read(seed));
    }
  });

  it('never reads a request that llhttp reads differently: each of ours is one of theirs, in order', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(stream, async (bytes) => {
        const { requests } = await ourReading(bytes);
        if (requests.length === 0) return;
        taken += requests.length;
        // Node answers the last request only if it is whole, as we do; it may read further where we refuse.
        expect((await node.read(bytes)).slice(0, requests.length)).toEqual(requests);
      }),
      { numRuns: 4_000, seed: 11 },
    );
    expect(taken).toBeGreaterThan(1_000);
  }, 60_000);

  it('reads the same from every split of the bytes', async () => {
    const bytes = Buffer.concat(SEEDS);
    const whole = await ourReading(bytes);
    for (const size of [1, 2, 3, 7, 64]) {
      const pieces = new PassThrough();
      const source = new ByteSource(pieces);
      void feed(pieces, bytes, size);
      expect(await readAll(source)).toEqual(whole.requests);
    }
  });
});

async function feed(pieces: PassThrough, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    pieces.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
  pieces.end();
}

async function readAll(source: ByteSource): Promise<string[]> {
  const requests: string[] = [];
  const rules = {
    limit: 65_536,
    deadlineMs: 5_000,
    tooLong: () => malformed('long'),
    bareLineFeed: () => malformed('bare LF'),
  };
  for (
    let head = await source.through('\r\n\r\n', rules);
    head !== null;
    head = await source.through('\r\n\r\n', rules)
  ) {
    const { method, rawTarget, fields, framing } = parseRequestMessage(head);
    const body = new FramedBody(source, framing, { idleMs: 5_000, broken: malformed, cut: () => malformed('cut') });
    let text = '';
    for (let piece = await body.read(); piece !== null; piece = await body.read()) text += piece.toString('latin1');
    requests.push(tell(method, rawTarget, fields, text));
  }
  return requests;
}
