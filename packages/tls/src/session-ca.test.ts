import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, createServer, isIP, type AddressInfo } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { openssl } from './openssl.fixture.js';
import { SessionCa } from './session-ca.js';
import { bundlePem } from './trust-bundle.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const create = (ttlSeconds = 43_200): Promise<SessionCa> =>
  SessionCa.create({ sessionId: 'ses_test', now: new Date(), ttlSeconds });

interface Meeting {
  readonly ca: SessionCa;
  /** Whose leaf the server shows. */
  readonly shown: string;
  /** Whom the client asked for. */
  readonly asked: string;
  readonly trusted: string;
}

/** A TLS server with a leaf, and a client that verifies it: its chain, its times and whose it is. */
async function meet({ ca, shown, asked, trusted }: Meeting): Promise<TLSSocket> {
  const { secureContext } = await ca.leafFor(shown);
  const server = createServer((socket) => {
    const inTls = new TLSSocket(socket, { isServer: true, secureContext });
    inTls.on('error', () => inTls.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({
    socket: connectTcp(port, '127.0.0.1'),
    ...(isIP(asked) === 0 ? { servername: asked } : { host: asked }),
    ca: trusted,
  });
  try {
    await once(client, 'secureConnect');
    return client;
  } finally {
    client.destroy();
    server.close();
  }
}

function handshake(ca: SessionCa, host: string, trusted = ca.certificatePem): Promise<TLSSocket> {
  return meet({ ca, shown: host, asked: host, trusted });
}

describe('SessionCa', () => {
  it('mints leaves that a TLS client verifies for their host alone', async () => {
    const ca = await create();
    expect((await handshake(ca, 'api.linear.app')).authorized).toBe(true);
    await expect(handshake(ca, 'api.linear.app', (await create()).certificatePem)).rejects.toThrow();
  });

  it.each([
    'localhost',
    'a.b',
    `${'a'.repeat(63)}.example`,
    `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`,
    'my_bucket.s3.example',
    'xn--bcher-kva.example',
    '4chan.example',
    '203.0.113.7',
    '2001:db8::7',
    '::ffff:203.0.113.7',
  ])('speaks for %s', async (host) => {
    const ca = await create();
    expect((await handshake(ca, host)).authorized).toBe(true);
    const { secureContext: _, ...leaf } = await ca.leafFor(host);
    expect(leaf.host).toBe(host);
  });

  it.each([
    ['api.linear.app', 'api.linear.app.evil.example'],
    ['api.linear.app', 'linear.app'],
    ['linear.app', 'api.linear.app'],
    ['203.0.113.7', '203.0.113.8'],
    ['2001:db8::7', '2001:db8::8'],
  ])('with a leaf of %s speaks for no %s', async (shown, asked) => {
    const ca = await create();
    const met = meet({ ca, shown, asked, trusted: ca.certificatePem });
    await expect(met).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it.each([
    '',
    '.',
    'api.linear.app.',
    '.linear.app',
    'api..linear.app',
    '*.linear.app',
    '-a.example',
    'a-.example',
    'b\u00fccher.example',
    'a.example\0.evil.example',
    'a.example,DNS:evil.example',
    'a b.example',
    '[2001:db8::7]',
    'fe80::1%eth0',
    'a.example:443',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(126)}ab`,
  ])('mints nothing for %j', async (host) => {
    const ca = await create();
    await expect(ca.leafFor(host)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('makes a chain that openssl verifies, purpose and name included', async () => {
    const ca = await create();
    for (const [host, flag] of [
      ['api.anthropic.com', '-verify_hostname'],
      ['203.0.113.7', '-verify_ip'],
      ['2001:db8::7', '-verify_ip'],
    ] as const) {
      const files = { 'ca.pem': ca.certificatePem, 'leaf.pem': (await ca.leafFor(host)).certificatePem };
      const command = ['verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', 'sslserver', flag];
      expect(openssl(files, ...command, host, 'leaf.pem')).toContain('leaf.pem: OK');
      const other = flag === '-verify_ip' ? '203.0.113.8' : 'evil.example';
      expect(() => openssl(files, ...command, other, 'leaf.pem')).toThrow();
    }
  });

  it('names the host in the SAN only, with key identifiers, server purpose and a random serial', async () => {
    const ca = await create();
    const authority = new X509Certificate(ca.certificatePem);
    const leaf = new X509Certificate((await ca.leafFor('api.linear.app')).certificatePem);
    const other = new X509Certificate((await ca.leafFor('mcp.linear.app')).certificatePem);
    expect(leaf.subjectAltName).toBe('DNS:api.linear.app');
    expect(leaf.subject).not.toContain('api.linear.app');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.serialNumber).not.toBe(other.serialNumber);
    expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{39}$/);
  });

  it('is valid for the session, from an hour ago at the earliest and never for more than 47 days', async () => {
    for (const ttlSeconds of [3_600, 400 * 86_400]) {
      const ca = await create(ttlSeconds);
      const { validFromDate, validToDate } = new X509Certificate((await ca.leafFor('a.example')).certificatePem);
      expect(Date.now() - validFromDate.getTime()).toBeLessThanOrEqual(HOUR_MS + 5_000);
      expect(validToDate.getTime() - validFromDate.getTime()).toBeLessThanOrEqual(47 * DAY_MS);
      expect(validToDate.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    }
  });

  it('mints once for all who ask at one time, and keeps a bounded number', async () => {
    const ca = await create();
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => ca.leafFor('a.example')));
    for (const other of others) expect(other).toBe(first);
    for (let i = 0; i < 260; i++) await ca.leafFor(`h${i}.example`);
    expect(await ca.leafFor('a.example')).not.toBe(first);
    const kept = await ca.leafFor('h259.example');
    expect(await ca.leafFor('h259.example')).toBe(kept);
  });

  it('mints for many hosts at one time, of two sessions too, without holding up the event loop', async () => {
    const sessions = await Promise.all([create(), create()]);
    const order: string[] = [];
    const leaves = Array.from({ length: 10 }, (_, n) =>
      sessions.map((ca) => ca.leafFor(`h${n}.example`).then(() => order.push('leaf'))),
    );
    const turns = (async () => {
      while (order.filter((what) => what === 'leaf').length < 20) {
        order.push('turn');
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await Promise.all([...leaves.flat(), turns]);
    // The second is let through before the first look at the turn that it is in.
    expect(order.join(' ').replace('leaf leaf', 'leaf')).not.toContain('leaf leaf');
  });

  it('mints on after it was stored and restored, and refuses other bytes', async () => {
    const ca = await create();
    const restored = await SessionCa.restore(await ca.exportState());
    expect(restored.certificatePem).toBe(ca.certificatePem);
    expect((await handshake(restored, 'api.linear.app', ca.certificatePem)).authorized).toBe(true);
    for (const bytes of ['', '{}', '{"v":1}', 'null']) {
      await expect(SessionCa.restore(Buffer.from(bytes))).rejects.toMatchObject({ code: 'STATE_TAMPERED' });
    }
    await expect(SessionCa.restore(new Uint8Array())).rejects.toBeInstanceOf(AileronError);
  });

  it('refuses the key of another session, a certificate that is no authority, and more than a state can be', async () => {
    const [one, other] = await Promise.all([create(), create()]);
    const [mine, foreign] = await Promise.all([one.exportState(), other.exportState()]).then((states) =>
      states.map((state) => JSON.parse(Buffer.from(state).toString()) as Record<string, unknown>),
    );
    const { certificatePem } = await one.leafFor('a.example');
    for (const state of [
      { ...mine, privateKeyPkcs8Base64: foreign?.['privateKeyPkcs8Base64'] },
      { ...mine, certificatePem },
      { ...mine, privateKeyPkcs8Base64: '' },
      { ...mine, v: 2 },
      { ...mine, padding: 'x'.repeat(20_000) },
    ]) {
      const bytes = Buffer.from(JSON.stringify(state));
      await expect(SessionCa.restore(bytes)).rejects.toMatchObject({ code: 'STATE_TAMPERED' });
    }
  });
});

describe('bundlePem', () => {
  it('puts the session CA before the public roots', async () => {
    const { certificatePem } = await create();
    const bundle = bundlePem({ certificatePem });
    expect(bundle.startsWith(certificatePem.trim())).toBe(true);
    expect(bundle.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(100);
    expect(bundlePem({ certificatePem, roots: [] }).match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  });

  it('takes certificates only', () => {
    expect(() => bundlePem({ certificatePem: 'not a certificate' })).toThrow();
  });
});
