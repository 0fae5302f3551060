import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { SessionCa } from './session-ca.js';
import { bundlePem } from './trust-bundle.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const create = (ttlSeconds = 43_200): Promise<SessionCa> =>
  SessionCa.create({ sessionId: 'ses_test', now: new Date(), ttlSeconds });

async function handshake(ca: SessionCa, host: string, trusted = ca.certificatePem): Promise<TLSSocket> {
  const { secureContext } = await ca.leafFor(host);
  const server = createServer({ SNICallback: (_, done) => done(null, secureContext) }).listen(0, '127.0.0.1');
  // An IP address is not sent as SNI: the default context answers.
  const isAddress = /^[\d.]+$|:/.test(host);
  const leaf = await ca.leafFor(host);
  if (isAddress) server.addContext('unused', leaf.secureContext);
  await once(server, 'listening');
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    servername: isAddress ? '' : host,
    ca: trusted,
    rejectUnauthorized: true,
  });
  try {
    await once(client, 'secureConnect');
    return client;
  } finally {
    client.destroy();
    server.close();
  }
}

describe('SessionCa', () => {
  it('mints leaves that a TLS client verifies for their host alone', async () => {
    const ca = await create();
    expect((await handshake(ca, 'api.linear.app')).authorized).toBe(true);
    await expect(handshake(ca, 'api.linear.app', (await create()).certificatePem)).rejects.toThrow();
  });

  it('makes a chain that openssl verifies, purpose and name included', async () => {
    const ca = await create();
    const folder = mkdtempSync(join(tmpdir(), 'aileron-tls-'));
    writeFileSync(join(folder, 'ca.pem'), ca.certificatePem);
    for (const [host, flag] of [
      ['api.anthropic.com', '-verify_hostname'],
      ['203.0.113.7', '-verify_ip'],
      ['2001:db8::7', '-verify_ip'],
    ] as const) {
      writeFileSync(join(folder, 'leaf.pem'), (await ca.leafFor(host)).certificatePem);
      const command = ['verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', 'sslserver', flag, host, 'leaf.pem'];
      expect(execFileSync('openssl', command, { cwd: folder }).toString()).toContain('leaf.pem: OK');
      const other = [...command.slice(0, -2), flag === '-verify_ip' ? '203.0.113.8' : 'evil.example', 'leaf.pem'];
      expect(() => execFileSync('openssl', other, { cwd: folder, stdio: 'pipe' })).toThrow();
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
    expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
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
    const [first, second] = await Promise.all([ca.leafFor('a.example'), ca.leafFor('a.example')]);
    expect(first).toBe(second);
    for (let i = 0; i < 260; i++) await ca.leafFor(`h${i}.example`);
    expect(await ca.leafFor('a.example')).not.toBe(first);
    const kept = await ca.leafFor('h259.example');
    expect(await ca.leafFor('h259.example')).toBe(kept);
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
