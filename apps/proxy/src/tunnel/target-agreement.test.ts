import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectHead, RawClient, startRawUpstream, type RawUpstream } from '@aileron/testing';
import { DENIED, OPEN, OTHER_OWNED, OWNED, TOKEN, until, WireProxy } from '../listener/wire.fixture.js';

/** ATTACKS A and B. After every refusal: nothing resolved, nothing accepted upstream, one refusal told. */
describe('targets', () => {
  let proxy: WireProxy;
  let upstream: RawUpstream;
  beforeAll(async () => {
    upstream = await startRawUpstream(OPEN, {
      onConnection: (socket) => void socket.on('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n')),
    });
    const { host, port, caPem } = upstream;
    proxy = await WireProxy.start({
      upstreamMap: [{ host, address: '127.0.0.1', port, caPem }],
      addresses: { 'intranet.example': ['10.0.0.7'], 'mixed.example': ['93.184.216.34', '127.0.0.1'] },
      limits: { headMs: 2_000, handshakeMs: 2_000 },
    });
  });
  afterAll(async () => {
    await proxy.stop();
    await upstream.close();
  });
  afterEach(() => {
    proxy.refusals.length = proxy.resolved.length = proxy.heads.length = proxy.egress.length = 0;
  });
  const nothingLeft = (code: string): void => {
    expect(proxy.resolved).toEqual([]);
    expect(proxy.heads).toEqual([]);
    expect(proxy.refusals.map(({ error }) => error.code)).toEqual([code]);
  };

  it('passes a request when CONNECT, SNI and Host agree', async () => {
    const response = await proxy.request(`GET /v1?a=1 HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
    expect(response.json()).toMatchObject({ method: 'GET', host: OWNED, port: 443, target: '/v1?a=1' });
    expect(proxy.refusals).toEqual([]);
  });

  it('answers 421 inside TLS when SNI names another owned host', async () => {
    using client = await proxy.tunnel(OWNED, { servername: OTHER_OWNED });
    client.write(`GET / HTTP/1.1\r\nHost: ${OTHER_OWNED}\r\n\r\n`);
    const response = await client.readResponse();
    expect(response.status).toBe(421);
    expect(response.json()).toMatchObject({ code: 'TARGET_MISMATCH' });
    await client.ended();
    nothingLeft('TARGET_MISMATCH');
  });

  it('answers 421 with the CONNECT host’s leaf when SNI is nobody’s: no leaf is minted for that name', async () => {
    const { client } = await proxy.connect(connectHead(`${OWNED}:443`, TOKEN));
    const tls = connectTls({ socket: client.socket, servername: OPEN, rejectUnauthorized: false });
    client.socket.removeAllListeners('data');
    await once(tls, 'secureConnect');
    expect(tls.getPeerCertificate().subjectaltname).toBe(`DNS:${OWNED}`);
    tls.write(`GET / HTTP/1.1\r\nHost: ${OPEN}\r\n\r\n`);
    const [bytes] = await once(tls, 'data');
    expect(String(bytes)).toContain('HTTP/1.1 421 ');
    tls.destroy();
    nothingLeft('TARGET_MISMATCH');
  });

  it.each([OWNED, 'www.elsewhere.example'])(
    'passes nothing through when SNI is %s instead of the host',
    async (servername) => {
      const accepted = upstream.connections();
      const { client } = await proxy.connect(connectHead(`${OPEN}:443`, TOKEN));
      const tls = client.startTls({ caPem: proxy.ca.certificatePem, servername });
      if (servername === OWNED) {
        using inside = await tls;
        inside.write(`GET / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
        expect((await inside.readResponse()).status).toBe(421);
      } else await expect(tls).rejects.toThrow(/unrecognized name|closed/i);
      expect(upstream.connections()).toBe(accepted);
      nothingLeft('TARGET_MISMATCH');
    },
  );

  it('refuses a tunnel without SNI, unless its host is an owned address', async () => {
    using client = await proxy.tunnel(OWNED, { servername: null });
    client.write(`GET / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
    expect((await client.readResponse()).status).toBe(421);
    nothingLeft('TARGET_MISMATCH');
    using byAddress = await proxy.tunnel('203.0.113.9', { servername: null });
    byAddress.write('GET / HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n');
    expect((await byAddress.readResponse()).json()).toMatchObject({ host: '203.0.113.9' });
  });

  it.each([
    `GET / HTTP/1.1\r\nHost: ${OTHER_OWNED}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${OWNED}:444\r\n\r\n`,
    `GET https://${OTHER_OWNED}/ HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`,
    `GET https://${OWNED}:8443/ HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`,
    `GET http://${OWNED}/ HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`,
    `GET ws://${OWNED}/ HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`,
  ])('answers 421 and ends the tunnel: %j', async (bytes) => {
    using client = await proxy.tunnel();
    client.write(bytes);
    const response = await client.readResponse();
    expect(response.status).toBe(421);
    expect(response.header('content-type')).toBe('application/problem+json');
    await client.ended();
    nothingLeft('TARGET_MISMATCH');
  });

  it.each([`${OWNED}.`, OWNED.toUpperCase(), `${OWNED}:443`, `Api.Owned.Example.:443`])(
    'takes Host %s for the same',
    async (host) => {
      const response = await proxy.request(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(response.json()).toMatchObject({ host: OWNED, port: 443 });
    },
  );

  it.each([
    'a%2eb.example',
    'ａpi.owned.example',
    'api.owned\u00ad.example',
    'api.owned.example@evil',
    'a b',
    'a,b',
    'a#b',
    'a\\b',
    'a\0b',
    'a\tb',
    '',
    ' ',
  ])('answers 400 to Host %j', async (host) => {
    const response = await proxy.request(Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
    expect(response.status).toBe(400);
    nothingLeft('REQUEST_MALFORMED');
  });

  it.each([
    `${OWNED}`,
    `${OWNED}:`,
    `${OWNED}:0`,
    `${OWNED}:65536`,
    `${OWNED}:0443`,
    `${OWNED}:+443`,
    `${OWNED}:443/`,
    `user@${OWNED}:443`,
    `https://${OWNED}:443`,
    `${OWNED}%2e:443`,
    `${OWNED}\0:443`,
    `${OWNED}\t:443`,
    `${OWNED},b:443`,
    '0x7f.1:443',
    '127.1:443',
    '0177.0.0.1:443',
    '2130706433:443',
    '[::1%25eth0]:443',
    '[::1%eth0]:443',
    '::1:443',
    '[::ffff:1.2.3]:443',
    '-a.example:443',
    'a..example:443',
    `${'a'.repeat(64)}.example:443`,
  ])('answers 400 to CONNECT %j', async (authority) => {
    const { response, client } = await proxy.connect(connectHead(authority, TOKEN));
    expect(response.status).toBe(400);
    await client.ended();
    nothingLeft('REQUEST_MALFORMED');
  });

  it('answers 421 when CONNECT and its own Host disagree, 407 to who is not known, 403 to what policy denies', async () => {
    const head = connectHead(`${OWNED}:443`, TOKEN);
    expect((await proxy.connect(head.replace(`Host: ${OWNED}`, `Host: ${OTHER_OWNED}`))).response.status).toBe(421);
    const unknown = (await proxy.connect(connectHead(`${OWNED}:443`, 'another'))).response;
    expect([unknown.status, unknown.header('proxy-authenticate')]).toEqual([407, 'Basic realm="aileron"']);
    expect((await proxy.connect(connectHead(`${OWNED}:443`))).response.status).toBe(407);
    expect((await proxy.connect(connectHead(`${DENIED}:443`, TOKEN))).response.json()).toMatchObject({
      rule: 'no-denied',
    });
    expect(proxy.refusals).toHaveLength(4);
  });

  it('takes a CONNECT of HTTP/1.0 without Host', async () => {
    const head = connectHead(`${OWNED}:443`, TOKEN)
      .replace('HTTP/1.1', 'HTTP/1.0')
      .replace(/Host: .*\r\n/, '');
    expect((await proxy.connect(head)).response.status).toBe(200);
  });

  it.each([`http://${OWNED}/`, `https://${OWNED}/`, `ftp://${OWNED}/`])(
    'refuses plain %s to the proxy',
    async (uri) => {
      using client = await proxy.raw();
      client.write(`GET ${uri} HTTP/1.1\r\nHost: ${OWNED}\r\nProxy-Authorization: Bearer x\r\n\r\n`);
      const response = await client.readResponse();
      expect([response.status, response.json()]).toMatchObject([403, { code: 'PLAINTEXT_REFUSED' }]);
      nothingLeft('PLAINTEXT_REFUSED');
    },
  );

  it.each<[string, string | Buffer]>([
    ['SOCKS4', Buffer.from([4, 1, 1, 187, 1, 2, 3, 4, 0])],
    ['SOCKS5', Buffer.from([5, 1, 0])],
    ['TLS', Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0])],
    ['8-bit', Buffer.from([0xff, 0xfe])],
  ])('closes on %s without a word', async (_, bytes) => {
    using client = await proxy.raw();
    client.write(bytes);
    expect(await client.readToEnd()).toHaveLength(0);
  });

  it.each([
    'GET /\r\n\r\n',
    'GET / HTTP/0.9\r\n\r\n',
    'GET / HTTP/3.0\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])('answers 400 to %j on the socket', async (bytes) => {
    using client = await proxy.raw();
    client.write(bytes);
    expect((await client.readResponse()).status).toBe(400);
    await client.ended();
  });

  it('refuses what is not TLS in a tunnel: HTTP is told, the rest is closed', async () => {
    const { client } = await proxy.connect(connectHead(`${OWNED}:443`, TOKEN));
    client.write(`GET / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
    expect(String(await client.readToEnd())).toContain('PROTOCOL_REFUSED');
    for (const bytes of ['\x05\x01\x00', '\x00\x00\x00\x10']) {
      const other = (await proxy.connect(connectHead(`${OPEN}:443`, TOKEN))).client;
      other.write(bytes);
      expect(await other.readToEnd()).toHaveLength(0);
    }
    expect(proxy.refusals.map(({ error }) => error.code)).toEqual(Array(3).fill('PROTOCOL_REFUSED'));
    expect(proxy.resolved).toEqual([]);
  });

  it('closes a tunnel in which nothing is said', async () => {
    const { client } = await proxy.connect(connectHead(`${OWNED}:443`, TOKEN));
    await client.ended();
    const slow = await proxy.raw();
    slow.write('GET / HT');
    await slow.ended();
  });

  it('offers HTTP/1.1 only', async () => {
    const { client } = await proxy.connect(connectHead(`${OWNED}:443`, TOKEN));
    await expect(
      client.startTls({ caPem: proxy.ca.certificatePem, servername: OWNED, alpn: ['h2'] }),
    ).rejects.toThrow();
  });

  it('reads a ClientHello that comes byte by byte', async () => {
    const { client } = await proxy.connect(connectHead(`${OWNED}:443`, TOKEN));
    const { socket } = client;
    const write = socket.write.bind(socket);
    socket.setNoDelay(true);
    socket.write = ((bytes: Buffer, ...rest: []) => {
      for (const byte of Buffer.from(bytes)) write(Buffer.from([byte]));
      return write(Buffer.alloc(0), ...rest);
    }) as typeof socket.write;
    using tls = await client.startTls({ caPem: proxy.ca.certificatePem, servername: OWNED });
    tls.write(`GET / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
    expect((await tls.readResponse()).status).toBe(200);
  });

  it('says inside TLS that a private destination is refused, though a public name hides it', async () => {
    for (const host of ['intranet.example', 'mixed.example', 'printer.local']) {
      using client = await proxy.tunnel(host);
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      const response = await client.readResponse();
      expect([response.status, response.json()]).toMatchObject([403, { code: 'DESTINATION_REFUSED' }]);
    }
    expect(proxy.refusals.map(({ stage }) => stage)).toEqual(['dial', 'dial', 'dial']);
  });

  it('passes an unowned host through untouched and counts its bytes', async () => {
    const { client } = await proxy.connect(connectHead(`${OPEN}:443`, TOKEN));
    using tls = await client.startTls({ caPem: upstream.caPem, servername: OPEN });
    tls.write('anything at all');
    expect(String(await tls.readToEnd())).toBe('HTTP/1.1 204 No Content\r\n\r\n');
    tls.close();
    await until(() => proxy.egress.length === 1);
    expect(proxy.egress[0]).toMatchObject({ host: OPEN, port: 443, address: '127.0.0.1' });
    expect(proxy.egress[0]?.bytesUp).toBeGreaterThan(200);
    expect(proxy.egress[0]?.bytesDown).toBeGreaterThan(500);
    expect(String(upstream.received.at(-1))).toBe('anything at all');
  });

  it('cuts open tunnels at once', async () => {
    using mediated = await proxy.tunnel();
    const { client } = await proxy.connect(connectHead(`${OPEN}:443`, TOKEN));
    using spliced = await client.startTls({ caPem: upstream.caPem, servername: OPEN });
    proxy.listener.cut();
    await Promise.all([mediated.ended(), spliced.ended()]);
    await until(() => proxy.egress.length === 1 && proxy.listener.connections === 0);
    expect(proxy.egress[0]?.end).toBe('cut');
    expect((await proxy.request(`GET / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`)).status).toBe(200);
  });

  it('serves the agent’s own API on the socket', async () => {
    using client: RawClient = await proxy.raw();
    for (const path of ['/v1/self/status', '/v1/self/audit?limit=5']) {
      client.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
      const answer = (await client.readResponse()).json();
      expect(answer).toMatchObject({ target: path, headers: [['authorization', `Bearer ${TOKEN}`]] });
    }
  });
});
