import dns from 'node:dns';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { TestAuthority, type RawUpstreamOptions } from '@aileron/testing';
import { OWNED, until } from '../listener/wire.fixture.js';
import { UpstreamDialler } from './upstream-dialler.js';
import {
  KEY,
  PLACEHOLDER,
  GET,
  answering,
  withLength,
  ask,
  proxyTo,
  upstreamWith,
  onRequest,
  closeAll,
} from './upstream-wire.fixture.js';

afterAll(closeAll);

describe('an upstream request', () => {
  it('carries the real credential once, none of the agent’s, and what was matched', async () => {
    const upstream = await upstreamWith(answering(withLength('ok')));
    const { proxy, secrets } = await proxyTo(upstream);
    const response = await proxy.request(
      GET.replace('\r\n\r\n', '\r\nCookie: a=b\r\nRange: bytes=0-4\r\nX-Kept: 1\r\n\r\n'),
    );
    expect([response.status, response.body.toString()]).toEqual([200, 'ok']);
    const seen = String(upstream.received[0]);
    expect(seen).toBe(
      `GET /v1?q=1 HTTP/1.1\r\nhost: ${OWNED}\r\nx-kept: 1\r\naccept-encoding: identity\r\nx-api-key: ${KEY.value}\r\n\r\n`,
    );
    expect(seen).not.toContain(PLACEHOLDER);
    expect(() => secrets[0]?.expose()).toThrow();
  });

  it('sends bodies short and long, buffered and streamed, with their length or chunked', async () => {
    for (const streamed of [false, true]) {
      for (const size of [5, 100_000]) {
        const upstream = await upstreamWith(answering(withLength('ok')));
        const { proxy } = await proxyTo(upstream, { streamed });
        const body = 'x'.repeat(size);
        await proxy.request(`POST / HTTP/1.1\r\nHost: ${OWNED}\r\nContent-Length: ${size}\r\n\r\n${body}`);
        await until(() => (upstream.received[0]?.length ?? 0) > size);
        expect(String(upstream.received[0])).toMatch(new RegExp(`content-length: ${size}\\r\\n`));
        await until(() => String(upstream.received[0]).endsWith(body));
      }
    }
    const upstream = await upstreamWith(answering(withLength('ok')));
    const { proxy } = await proxyTo(upstream, { streamed: true });
    await proxy.request(
      `POST / HTTP/1.1\r\nHost: ${OWNED}\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: dropped\r\n\r\n`,
    );
    await until(() => String(upstream.received[0]).endsWith('\r\n\r\n3\r\nabc\r\n0\r\n\r\n'));
  });

  it('breaks off an upload that the agent breaks off, and one with broken framing', async () => {
    const upstream = await upstreamWith({ onConnection: () => undefined });
    const { proxy } = await proxyTo(upstream, { streamed: true });
    const client = await proxy.tunnel();
    client.write(`POST / HTTP/1.1\r\nHost: ${OWNED}\r\nContent-Length: 10\r\n\r\nhalf`);
    await until(() => String(upstream.received[0]).endsWith('half'));
    client.close();
    const broken = await proxy.request(
      `POST / HTTP/1.1\r\nHost: ${OWNED}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`,
    );
    expect([broken.status, broken.json()]).toMatchObject([400, { code: 'REQUEST_MALFORMED', sent: true }]);
  });
});

describe('an upstream answer', () => {
  it.each<[string, string | Buffer]>([
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-T: v\r\n\r\n'],
    ['by length', withLength('abcde')],
    [
      'after interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n${withLength('abcde').toString()}`,
    ],
  ])('is read %s', async (_, bytes) => {
    const response = await ask(GET, bytes);
    expect(response.body.toString()).toBe('abcde');
    expect(response.header('x-t')).toBeUndefined();
    expect(response.header('link')).toBeUndefined();
  });

  it('is read to the end of the connection', async () => {
    const upstream = await upstreamWith({
      onConnection: (socket) => onRequest(socket, () => void socket.end('HTTP/1.1 200 OK\r\n\r\nabcde')),
    });
    expect((await (await proxyTo(upstream)).proxy.request(GET)).body.toString()).toBe('abcde');
  });

  it.each([
    ['204 No Content', 'GET'],
    ['304 Not Modified', 'GET'],
    ['200 OK', 'HEAD'],
  ])('has no body with %s to %s', async (status, method) => {
    const upstream = await upstreamWith(answering(`HTTP/1.1 ${status}\r\nETag: "a"\r\n\r\n`));
    using client = await (await proxyTo(upstream)).proxy.tunnel();
    for (let i = 0; i < 2; i++) {
      client.write(`${method} / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
      expect((await client.readResponse(method === 'HEAD' ? 'HEAD' : 'other')).statusLine).toBe(`HTTP/1.1 ${status}`);
    }
    expect(upstream.connections()).toBe(1);
  });

  it.each<[string, string]>([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['length and chunked', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n'],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['NUL', 'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['status 99', 'HTTP/1.1 099 X\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
    ['endless interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)],
    ['a head of 70 KiB', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(70_000)}\r\n\r\n`],
  ])('is refused with %s', async (_, bytes) => {
    const response = await ask(GET, bytes);
    expect([response.status, response.json()]).toMatchObject([502, { code: 'UPSTREAM_MALFORMED', sent: true }]);
  });

  it('is never followed, and tells the agent no other way out', async () => {
    for (const status of [
      '301 Moved',
      '302 Found',
      '303 See Other',
      '307 Temporary Redirect',
      '308 Permanent Redirect',
    ]) {
      const fields = `Location: http://169.254.169.254/\r\nSet-Cookie: s=1\r\nAlt-Svc: h3=":443"\r\nStrict-Transport-Security: max-age=1\r\nNEL: {}\r\nReport-To: {}\r\n`;
      const upstream = await upstreamWith(answering(withLength('', fields, status)));
      const response = await (await proxyTo(upstream)).proxy.request(GET);
      expect(response.statusLine).toBe(`HTTP/1.1 ${status}`);
      expect(response.headers.map(([name]) => name.toLowerCase())).toEqual(['location', 'content-length']);
      expect(upstream.connections()).toBe(1);
    }
  });

  it('is cut, not ended, when the upstream cuts it', async () => {
    const upstream = await upstreamWith({
      onConnection: (socket) =>
        onRequest(socket, () => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')),
    });
    const { proxy } = await proxyTo(upstream);
    await expect(proxy.request(GET)).rejects.toThrow('ended inside a response');
  });

  it('is cancelled upstream when the agent goes away', async () => {
    let closed = false;
    const upstream = await upstreamWith({
      onConnection: (socket) => {
        socket.on('close', () => (closed = true));
        onRequest(
          socket,
          () => void socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n'),
        );
      },
    });
    const client = await (await proxyTo(upstream)).proxy.tunnel();
    client.write(GET);
    await client.read(20);
    client.close();
    await until(() => closed);
  });

  it('passes each event as it comes', async () => {
    const sockets: TLSSocket[] = [];
    const upstream = await upstreamWith({
      onConnection: (socket) => {
        sockets.push(socket);
        onRequest(
          socket,
          () =>
            void socket.write(
              'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
            ),
        );
      },
    });
    using client = await (await proxyTo(upstream)).proxy.tunnel();
    client.write(GET);
    await until(() => sockets.length === 1);
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
    expect(String(await client.read(head.length))).toBe(head);
    for (const event of [': ping\n\n', 'data: {"a":1}\n\n', 'data: sk\r\n\r\n']) {
      const framed = `${event.length.toString(16)}\r\n${event}\r\n`;
      sockets[0]?.write(framed);
      expect(String(await client.read(framed.length))).toBe(framed);
    }
  });
});

describe('upstream connections', () => {
  it('are used again by the same session and never by another', async () => {
    let sessionId = 'ses_a';
    const upstream = await upstreamWith(answering(withLength('ok')));
    const { proxy } = await proxyTo(upstream, { sessionId: () => sessionId });
    await proxy.request(GET);
    await proxy.request(GET);
    expect(upstream.connections()).toBe(1);
    sessionId = 'ses_b';
    await proxy.request(GET);
    expect(upstream.connections()).toBe(2);
    proxy.dialler.closeSession('ses_a');
    sessionId = 'ses_a';
    await proxy.request(GET);
    expect(upstream.connections()).toBe(3);
  });

  it('of calls side by side are all used again', async () => {
    const waiting: TLSSocket[] = [];
    const upstream = await upstreamWith({
      onConnection: (socket) =>
        onRequest(socket, () => {
          waiting.push(socket);
          if (waiting.length < 24) return;
          for (const each of waiting.splice(0)) each.write(withLength('ok'));
        }),
    });
    const { proxy } = await proxyTo(upstream);
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(Array.from({ length: 24 }, () => proxy.request(GET)));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
    expect(upstream.connections()).toBe(24);
  });

  it.each<[string, string | Buffer]>([
    ['it says close', withLength('ok', 'Connection: close\r\n')],
    ['it says a time-out of a second', withLength('ok', 'Keep-Alive: timeout=1\r\n')],
    ['more came than the answer', Buffer.concat([withLength('ok'), withLength('stowaway')])],
  ])('are not used again when %s', async (_, answer) => {
    const upstream = await upstreamWith(answering(answer));
    const { proxy } = await proxyTo(upstream);
    expect((await proxy.request(GET)).body.toString()).toBe('ok');
    expect((await proxy.request(GET)).body.toString()).toBe('ok');
    expect(upstream.connections()).toBe(2);
  });

  it('that die under a request are not asked a second time', async () => {
    let requests = 0;
    const upstream = await upstreamWith({
      onConnection: (socket) =>
        onRequest(socket, () => ((requests += 1) % 2 === 1 ? void socket.write(withLength('ok')) : socket.destroy())),
    });
    const { proxy } = await proxyTo(upstream);
    expect((await proxy.request(GET)).status).toBe(200);
    const second = await proxy.request(GET);
    expect([second.status, second.json()]).toMatchObject([502, { code: 'UPSTREAM_UNREACHABLE', sent: true }]);
    expect(requests).toBe(2);
  });

  it('that were closed while idle are replaced', async () => {
    const sockets: TLSSocket[] = [];
    const upstream = await upstreamWith({
      onConnection: (socket) => {
        sockets.push(socket);
        onRequest(socket, () => void socket.write(withLength('ok')));
      },
    });
    const { proxy } = await proxyTo(upstream);
    await proxy.request(GET);
    const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
    sockets[0]?.end();
    await closed;
    expect((await proxy.request(GET)).status).toBe(200);
    expect(upstream.connections()).toBe(2);
  });

  it.each<[string, Partial<RawUpstreamOptions>, boolean]>([
    ['for another name', { certificateHost: 'evil.example' }, true],
    ['that has expired', { notBefore: new Date(Date.now() - 9e8), notAfter: new Date(Date.now() - 1e6) }, true],
    ['of an authority that is not trusted', {}, false],
  ])('do not outlive a certificate %s: not a byte of HTTP is sent', async (_, certificate, trusted) => {
    const upstream = await upstreamWith({ ...answering(withLength('ok')), ...certificate });
    const other = await TestAuthority.create();
    const { proxy } = await proxyTo({ ...upstream, caPem: trusted ? upstream.caPem : other.certificatePem });
    const response = await proxy.request(GET);
    expect([response.status, response.json()]).toMatchObject([502, { code: 'UPSTREAM_UNTRUSTED', sent: false }]);
    expect(upstream.received.every((bytes) => bytes.length === 0)).toBe(true);
  });
});

describe('resolving and vetting', () => {
  afterEach(() => void jest.restoreAllMocks());

  it.each<[string, readonly string[], string]>([
    ['a private address', ['192.168.1.9'], 'DESTINATION_REFUSED'],
    ['metadata', ['169.254.169.254'], 'DESTINATION_REFUSED'],
    ['a public and a private one', ['93.184.216.34', '10.0.0.1'], 'DESTINATION_REFUSED'],
    ['a mapped one', ['::ffff:127.0.0.1'], 'DESTINATION_REFUSED'],
    ['none', [], 'UPSTREAM_UNREACHABLE'],
  ])('refuses a host that resolves to %s', async (_, addresses, code) => {
    const { proxy, secrets } = await proxyTo(null, { addresses: { [OWNED]: addresses } });
    expect((await proxy.request(GET)).json()).toMatchObject({ code });
    expect(secrets).toEqual([]);
  });

  it('asks the injected resolver once for each dial and never Node’s own', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const resolved: string[] = [];
    const upstream = await upstreamWith(answering(withLength('ok')));
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation((() => {
      throw new Error('Node resolved by itself');
    }) as never);
    const dialler = new UpstreamDialler({
      resolver: { resolve: async (host) => (resolved.push(host), answers.shift() ?? []) },
      declared: [{ host: OWNED, port: upstream.port }],
      caPem: upstream.caPem,
    });
    const dial = () =>
      dialler.dial({
        scope: { tenantId: 't', sessionId: 's', connector: 'c' },
        host: OWNED,
        port: upstream.port,
        signal: new AbortController().signal,
      });
    const connection = await dial();
    expect([connection.address, connection.socket.remoteAddress]).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(resolved).toEqual([OWNED]);
    expect(lookup).not.toHaveBeenCalled();
    dialler.close();
  });
});
