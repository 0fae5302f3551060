import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PEM, proxyReady, ServicesFixture } from '../mgmt-plane.fixture.js';

let services: ServicesFixture;

beforeAll(async () => {
  services = await ServicesFixture.start();
});

afterAll(async () => {
  await services.stop();
});

const digestOf = (pem: string) => createHash('sha256').update(pem).digest();
const OTHER_PEM = PEM.replace('MA==', 'MQ==');

async function activeKey() {
  const { session } = await services.activeSession();
  return { tenantId: session.tenantId, sessionId: session.sessionId };
}
const authority = (text: string, pem = PEM) => ({
  proxyId: 'prx_a',
  certificateSha256: digestOf(pem),
  sealed: Buffer.from(text),
});
const sealedOf = async (key: { tenantId: string; sessionId: string }) =>
  Buffer.from((await services.authorities.get(key)).sealed).toString();

describe('the sealed authority of a session', () => {
  it('is there for every proxy once one stored it, and not before', async () => {
    const key = await activeKey();
    await expect(services.authorities.get(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await services.authorities.store({ ...key, ...authority('first') });
    expect(await sealedOf(key)).toBe('first');
  });

  it('stays the first one, however many store it at one time', async () => {
    const key = await activeKey();
    const storing = ['a', 'b', 'c', 'd'].map((text) => services.authorities.store({ ...key, ...authority(text) }));
    await Promise.all(storing);
    const first = await sealedOf(key);
    await services.authorities.store({ ...key, ...authority('late') });
    expect(await sealedOf(key)).toBe(first);
  });

  it('is taken only for the certificate that the session’s sandbox trusts', async () => {
    const key = await activeKey();
    const wrong = services.authorities.store({ ...key, ...authority('x', OTHER_PEM) });
    await expect(wrong).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    await services.authorities.store({ ...key, ...authority('right') });
    expect(await sealedOf(key)).toBe('right');
  });

  it('does not exist for another tenant, and ends with its session', async () => {
    const key = await activeKey();
    await services.authorities.store({ ...key, ...authority('own') });
    const foreign = { ...key, tenantId: 'ten_other' };
    await expect(services.authorities.get(foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const theirs = services.authorities.store({ ...foreign, ...authority('theirs') });
    await expect(theirs).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await services.sessions.end(key, 'requested');
    await expect(services.authorities.get(key)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const after = services.authorities.store({ ...key, ...authority('after') });
    await expect(after).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const rows = await services.database.prisma.sessionAuthority.count({ where: key });
    expect(rows).toBe(0);
  });

  it('cannot be changed with the rights of the management plane', async () => {
    const key = await activeKey();
    await services.authorities.store({ ...key, ...authority('first') });
    const change = services.database.prisma.sessionAuthority.updateMany({ where: key, data: { proxyId: 'prx_x' } });
    await expect(change).rejects.toThrow();
  });
});

describe('the certificate of a session', () => {
  it('is that of the first proxy; the others are told it', async () => {
    const key = await activeKey();
    const late = { ...key, proxyId: 'prx_b', caCertificatePem: OTHER_PEM, runtimeDirectory: '/run/b' };
    expect(await services.sessions.prepared(late)).toBe(PEM);
    expect(await services.sessions.get(key)).toMatchObject({ proxyId: 'prx_test', caCertificatePem: PEM });
  });

  it('is made anew by its own proxy as long as nobody else can have the key, and not afterwards', async () => {
    const key = await activeKey();
    const anew = { ...key, ...proxyReady, caCertificatePem: OTHER_PEM };
    expect(await services.sessions.prepared(anew)).toBe(OTHER_PEM);
    await services.authorities.store({ ...key, ...authority('key', OTHER_PEM) });
    expect(await services.sessions.prepared({ ...key, ...proxyReady })).toBe(OTHER_PEM);
    expect(await services.sessions.get(key)).toMatchObject({ caCertificatePem: OTHER_PEM });
  });
});
