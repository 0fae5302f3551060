import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { echo, OWNED, until, WireProxy } from '../listener/wire.fixture.js';

const HOST = `Host: ${OWNED}\r\n`;
const post = (fields: string, body: string): Buffer =>
  Buffer.from(`POST / HTTP/1.1\r\n${HOST}${fields}\r\n${body}`, 'latin1');
const get = (fields = '', target = '/'): Buffer =>
  Buffer.from(`GET ${target} HTTP/1.1\r\n${HOST}${fields}\r\n`, 'latin1');
const SECOND = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;

/** ATTACKS C, through the real listener and TLS. */
describe('requests inside a tunnel', () => {
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await WireProxy.start({ limits: { headMs: 1_500, bodyIdleMs: 1_500, idleMs: 10_000 } });
  });
  afterAll(() => proxy.stop());
  afterEach(() => {
    proxy.heads.length = proxy.refusals.length = 0;
  });

  it.each<[string, Buffer]>([
    [
      'Content-Length and Transfer-Encoding',
      post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SECOND}`),
    ],
    [
      'Transfer-Encoding and Content-Length',
      post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${SECOND}`),
    ],
    ['Transfer-Encoding twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['chunked, identity', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')],
    ['xchunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
    ['identity', post('Transfer-Encoding: identity\r\n', '')],
    ['gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
    ['a space before the colon', post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')],
    ['a folded line', post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n')],
    ['a vertical tab', post('Transfer-Encoding:\x0bchunked\r\n', '0\r\n\r\n')],
    ['Content-Length twice, the same', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello')],
    ['Content-Length twice, different', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello')],
    ...['+5', '5,5', '0x5', '-1', '9007199254740993', '05', '5 ', '5 5', '', '5;', '1e1', '９'].map(
      (length): [string, Buffer] => [
        `Content-Length ${length}`,
        post(`Content-Length: ${length === '5 ' ? '5\x00' : length}\r\n`, 'hello'),
      ],
    ),
    ['NUL in a value', get('X-A: a\0b\r\n')],
    ['bare CR in a value', get('X-A: a\rb\r\n')],
    ['bare LF after a line', get('X-A: a\nX-B: b\r\n')],
    ['bare LF alone', Buffer.from(`GET / HTTP/1.1\n${HOST}\r\n`)],
    ['8-bit in a value', get('X-A: \xe9\r\n')],
    ['8-bit in a name', get('X-\xe9: a\r\n')],
    ['NUL in a name', get('Authorization\0: a\r\n')],
    ['an empty name', get(': a\r\n')],
    ['no colon', get('X-A\r\n')],
    ['a space before the first name', get(' X-A: a\r\n')],
    ['a folded line of another field', get('X-A: a\r\n b\r\n')],
    ['two Hosts', get(HOST)],
    ['two Authorizations', get('Authorization: a\r\nauthorization: b\r\n')],
    ['two Content-Types', get('Content-Type: a/b\r\nContent-Type: c/d\r\n')],
    ['an Expect that is not known', post('Expect: 200-ok\r\nContent-Length: 1\r\n', '')],
    ['Connection: host', get('Connection: host\r\n')],
    ['a lower-case method', Buffer.from(`get / HTTP/1.1\r\n${HOST}\r\n`)],
    ['a method of 300 bytes', Buffer.from(`${'A'.repeat(300)} / HTTP/1.1\r\n${HOST}\r\n`)],
    ['TRACE', Buffer.from(`TRACE / HTTP/1.1\r\n${HOST}\r\n`)],
    ['TRACK', Buffer.from(`TRACK / HTTP/1.1\r\n${HOST}\r\n`)],
    ['CONNECT', Buffer.from(`CONNECT ${OWNED}:443 HTTP/1.1\r\n${HOST}\r\n`)],
    ['asterisk-form', Buffer.from(`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`)],
    ['two spaces', Buffer.from(`GET  / HTTP/1.1\r\n${HOST}\r\n`)],
    ['a tab', Buffer.from(`GET\t/ HTTP/1.1\r\n${HOST}\r\n`)],
    ['HTTP/1.0', Buffer.from(`GET / HTTP/1.0\r\n${HOST}\r\n`)],
    ['HTTP/1.2', Buffer.from(`GET / HTTP/1.2\r\n${HOST}\r\n`)],
    ['HTTP/0.9', Buffer.from('GET /\r\n\r\n')],
    ['a fragment', get('', '/a#b')],
    ['a path of two readings', get('', '/a/%2e%2e/b')],
  ])('answers 400 to %s and ends the tunnel', async (_, bytes) => {
    using client = await proxy.tunnel();
    client.write(bytes);
    const answer = await client.readResponse();
    expect([answer.status, answer.header('connection')]).toEqual([400, 'close']);
    expect(await client.readToEnd()).toHaveLength(0);
    expect(proxy.heads).toEqual([]);
    expect(proxy.refusals).toHaveLength(1);
  });

  it.each<[string, string]>([
    ['a size that is not hex', 'x\r\nhello\r\n0\r\n\r\n'],
    ['a size with a sign', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a space after the size', '5 \r\nhello\r\n0\r\n\r\n'],
    ['a size of 13 digits', '0000000000005\r\nhello\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '4\r\nhello\r\n0\r\n\r\n'],
    ['a size line that ends in LF', '5\nhello\r\n0\r\n\r\n'],
    ['a chunk that ends in LF', '5\r\nhello\n0\r\n\r\n'],
    ['an extension of 2 KiB', `5;${'a'.repeat(2_048)}\r\nhello\r\n0\r\n\r\n`],
    ['a CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
    ['Content-Length in the trailers', '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'],
    ['a broken trailer', '5\r\nhello\r\n0\r\nA : b\r\n\r\n'],
    ['100 trailers', `5\r\nhello\r\n0\r\n${'A: b\r\n'.repeat(100)}\r\n`],
  ])('answers 400 to %s', async (_, body) => {
    using client = await proxy.tunnel();
    client.write(post('Transfer-Encoding: chunked\r\n', body));
    expect((await client.readResponse()).status).toBe(400);
    await client.ended();
  });

  it('bounds extensions over all chunks together', async () => {
    using client = await proxy.tunnel();
    client.write(post('Transfer-Encoding: chunked\r\n', `1;${'a'.repeat(1_000)}\r\nx\r\n`.repeat(20)));
    expect((await client.readResponse()).status).toBe(400);
  });

  it('drops trailers, hop-by-hop fields, what Connection lists and what says where from or what else', async () => {
    const fields =
      'Connection: keep-alive, X-Listed\r\nX-Listed: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: X-T\r\nUpgrade: h2c, websocket\r\nHTTP2-Settings: AA\r\n' +
      'Proxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-For: 1\r\nX-Forwarded-Host: evil\r\nx_forwarded_proto: http\r\nVia: 1.1 x\r\n' +
      'X-HTTP-Method-Override: DELETE\r\nX_HTTP_Method: PUT\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\nX-Real-IP: 1\r\nAlt-Used: evil\r\ncontent_length: 9\r\nTransfer_Encoding: chunked\r\n' +
      '__proto__: a\r\nconstructor: b\r\nX-Kept: c\r\nTransfer-Encoding: chunked\r\n';
    const response = await proxy.request(
      post(fields, '5;a=b\r\nhello\r\n0\r\nX-T: dropped\r\nAuthorization: dropped\r\n\r\n'),
    );
    expect(response.json()).toMatchObject({
      body: 'hello',
      headers: [
        ['__proto__', 'a'],
        ['constructor', 'b'],
        ['x-kept', 'c'],
      ],
    });
  });

  it('answers 431 to 101 fields, to a line of 64 KiB and to a head of 2 MiB', async () => {
    for (const bytes of [
      get('X-A: b\r\n'.repeat(100)),
      get(`X-A: ${'b'.repeat(65_536)}\r\n`),
      get('X-Padding: aaaaaaaaaa\r\n'.repeat(90_000)),
    ]) {
      expect((await proxy.request(bytes)).status).toBe(431);
    }
  });

  it('closes on a head or body that comes too slowly', async () => {
    using head = await proxy.tunnel();
    head.write('GET / HTTP/1.1\r\n');
    using body = await proxy.tunnel();
    body.write(post('Content-Length: 10\r\n', 'hel'));
    await Promise.all([head.ended(), body.ended()]);
  });

  it('answers pipelined requests in their order, each with its own', async () => {
    using client = await proxy.tunnel();
    client.write(
      Buffer.concat([
        post('Content-Length: 3\r\n', 'one'),
        post('Transfer-Encoding: chunked\r\n', '3\r\ntwo\r\n0\r\n\r\n'),
        get('', '/three'),
      ]),
    );
    expect((await client.readResponse()).json()).toMatchObject({ body: 'one' });
    expect((await client.readResponse()).json()).toMatchObject({ body: 'two' });
    expect((await client.readResponse()).json()).toMatchObject({ target: '/three' });
  });

  it('reads a request in 1-byte pieces', async () => {
    using client = await proxy.tunnel();
    for (const byte of post('Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'))
      client.write(Buffer.from([byte]));
    expect((await client.readResponse()).json()).toMatchObject({ body: 'abc' });
  });

  it('closes when the agent asks for it', async () => {
    using client = await proxy.tunnel();
    client.write(get('Connection: close\r\n'));
    const response = await client.readResponse();
    expect([response.status, response.header('connection')]).toEqual([200, 'close']);
    await client.ended();
  });
});

describe('exchanges', () => {
  const proxies: WireProxy[] = [];
  const start = async (...options: Parameters<typeof WireProxy.start>): Promise<WireProxy> => {
    const proxy = await WireProxy.start(...options);
    proxies.push(proxy);
    return proxy;
  };
  afterAll(() => Promise.all(proxies.map((proxy) => proxy.stop())));

  it('asks for the body only when somebody wants it', async () => {
    let read = (): void => undefined;
    const wanted = new Promise<void>((resolve) => (read = resolve));
    const proxy = await start({
      exchange: async (...exchange) => {
        await wanted;
        await echo(...exchange);
      },
    });
    using client = await proxy.tunnel();
    client.write(post('Expect: 100-continue\r\nContent-Length: 5\r\n', ''));
    await until(() => proxy.heads.length === 1);
    read();
    expect(String(await client.read(25))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.write('hello');
    expect((await client.readResponse()).json()).toMatchObject({ body: 'hello' });
  });

  it('refuses without 100 Continue and closes: the body may or may not follow', async () => {
    const proxy = await start({
      exchange: async () => {
        throw new AileronError('POLICY_DENIED', { rule: 'r' });
      },
    });
    using client = await proxy.tunnel();
    client.write(post('Expect: 100-continue\r\nContent-Length: 5\r\n', ''));
    const response = await client.readResponse();
    expect([response.status, response.header('connection')]).toEqual([403, 'close']);
    await client.ended();
  });

  it('goes on after a refusal, past a small unread body and not past a large one', async () => {
    const proxy = await start({
      exchange: async () => {
        throw new AileronError('POLICY_DENIED');
      },
    });
    using client = await proxy.tunnel();
    client.write(Buffer.concat([post('Content-Length: 5\r\n', 'hello'), get()]));
    expect([(await client.readResponse()).status, (await client.readResponse()).status]).toEqual([403, 403]);
    client.write(post('Content-Length: 200000\r\n', 'x'.repeat(200_000)));
    expect((await client.readResponse()).header('connection')).toBe('close');
    await client.ended();
    expect(proxy.heads).toHaveLength(3);
  });

  it('hides what broke inside', async () => {
    const proxy = await start({
      exchange: async () => {
        throw new Error('canary-in-a-message');
      },
    });
    const response = await proxy.request(get());
    expect(response.status).toBe(500);
    expect(response.raw.toString()).not.toContain('canary');
  });

  it('holds one request while the next waits, and sees that its agent goes away', async () => {
    const aborted: boolean[] = [];
    const proxy = await start({
      exchange: (_, __, ___, ____, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(true);
            reject(new AileronError('CANCELLED'));
          });
        }),
    });
    const client = await proxy.tunnel();
    client.write(Buffer.concat([get('', '/held'), get('', '/waiting')]));
    await until(() => proxy.heads.length === 1);
    client.close();
    await until(() => aborted.length === 1);
    expect(proxy.heads.map(({ path }) => path)).toEqual(['/held']);
    await until(() => proxy.listener.connections === 0);
  });

  it('limits what is read: at once when Content-Length says so', async () => {
    const proxy = await start({
      exchange: async (_, __, body, response, signal) => {
        const bytes = await body.readAll(10, signal);
        response.writeHead(200, 'OK', []);
        await response.write(bytes);
        await response.end();
      },
    });
    expect((await proxy.request(post('Content-Length: 10\r\n', '0123456789'))).status).toBe(200);
    expect((await proxy.request(post('Content-Length: 11\r\nExpect: 100-continue\r\n', ''))).status).toBe(413);
    const chunked = await proxy.request(post('Transfer-Encoding: chunked\r\n', 'b\r\n0123456789a\r\n0\r\n\r\n'));
    expect([chunked.status, chunked.json()]).toMatchObject([413, { code: 'BODY_NOT_INSPECTABLE' }]);
  });

  it('cuts an answer that fell short or overshot instead of ending it', async () => {
    for (const text of ['short', 'much too long']) {
      const proxy = await start({
        exchange: async (_, __, ___, response) => {
          response.writeHead(200, 'OK', [['content-length', '8']]);
          await response.write(Buffer.from(text));
          await response.end();
        },
      });
      await expect(proxy.request(get())).rejects.toThrow();
    }
  });

  it('slows a fast upload and a fast answer down to their readers, in bounded memory', async () => {
    let produced = 0;
    let ended = false;
    const proxy = await start({
      exchange: async (_, __, ___, response, signal) => {
        response.writeHead(200, 'OK', []);
        const chunk = Buffer.alloc(65_536);
        while (!signal.aborted && produced < 120) {
          produced += 1;
          await response.write(chunk);
        }
        ended = true;
        await response.end();
      },
    });
    using client = await proxy.tunnel();
    client.socket.pause();
    client.write(get());
    await until(() => produced > 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ended).toBe(false);
    expect(produced).toBeLessThan(60);
    client.socket.resume();
    await until(() => ended);
  });
});
