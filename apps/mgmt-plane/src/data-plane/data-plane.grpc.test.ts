import { createHash } from 'node:crypto';
import { StartSessionResponse } from '@aileron/contracts/rest';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomName } from '../mgmt-plane.fixture.js';
import { RunningMgmtPlane } from '../running-mgmt-plane.fixture.js';
import { VERSION } from '../version.js';

let plane: RunningMgmtPlane;

beforeAll(async () => {
  plane = await RunningMgmtPlane.start();
});

afterAll(async () => {
  await plane.stop();
});

const start = async () =>
  StartSessionResponse.parse((await plane.call('POST', '/v1/sessions', { agent: 'fake' })).json);
const tenantId = 'ten_local';

describe('the data plane', () => {
  const authority = { proxyId: 'prx_test', certificateSha256: new Uint8Array(32), sealed: new Uint8Array([1]) };

  it('keeps what a proxy sealed for the others, and knows no session of another tenant', async () => {
    const { session, caCertificatePem } = await start();
    const { sessionId } = session;
    const certificateSha256 = createHash('sha256').update(caCertificatePem).digest();
    const key = { tenantId, sessionId, proxyId: 'prx_other' };
    const none = plane.dataPlane.getSessionAuthority(key);
    await expect(none).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await plane.dataPlane.storeSessionAuthority({ ...authority, tenantId, sessionId, certificateSha256 });
    const found = await plane.dataPlane.getSessionAuthority(key);
    expect(Buffer.from(found.sealed)).toEqual(Buffer.from([1]));
    const foreign = { ...key, tenantId: 'ten_other' };
    const outcome = { case: 'ready' as const, value: { caCertificatePem, runtimeDirectory: '/x' } };
    for (const call of [
      plane.dataPlane.getSessionAuthority(foreign),
      plane.dataPlane.storeSessionAuthority({ ...authority, ...foreign, certificateSha256 }),
      plane.dataPlane.reportSession({ ...foreign, outcome }),
    ])
      await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    ['sealed', { sealed: new Uint8Array(16_385) }],
    ['sealed', { sealed: new Uint8Array() }],
    ['certificate_sha256', { certificateSha256: new Uint8Array(31) }],
    ['proxy_id', { proxyId: 'x' }],
  ])('bounds %s', async (field, change) => {
    const { session } = await start();
    const wrong = plane.dataPlane.storeSessionAuthority({
      ...authority,
      tenantId,
      sessionId: session.sessionId,
      ...change,
    });
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { fields: [{ field }] } });
  });

  it('tells proxies that keys were delivered and taken back', async () => {
    const { session } = await start();
    const stop = new AbortController();
    const watching = plane.dataPlane.watch({ proxyId: 'prx_w', version: VERSION }, { signal: stop.signal });
    const heard = watching[Symbol.asyncIterator]();
    await heard.next();
    const path = `/v1/sessions/${session.sessionId}/lease`;
    const nextOf = async () => {
      const { value } = (await heard.next()) as { value: { event: { case: string; value: unknown } } };
      return value.event;
    };
    expect((await plane.call('POST', path, { sealedLeaseBase64: 'AAAA' })).status).toBe(200);
    const { sessionId } = session;
    expect(await nextOf()).toMatchObject({ case: 'session', value: { sessionId, unlockedUntil: { nanos: 0 } } });
    expect((await plane.call('DELETE', path)).status).toBe(204);
    const locked = await nextOf();
    expect(locked).toMatchObject({ case: 'session', value: { sessionId, lockedAt: expect.anything() } });
    expect(locked.value).not.toHaveProperty('unlockedUntil');
    stop.abort();
  });

  it('tells proxies that a vault was replaced, and not that a writer came too late', async () => {
    const stop = new AbortController();
    const watching = plane.dataPlane.watch({ proxyId: 'prx_w', version: VERSION }, { signal: stop.signal });
    const heard = watching[Symbol.asyncIterator]();
    await heard.next();
    const path = `/v1/vaults/vlt_${randomName()}`;
    const files = ['manifest.json', 'meta.json', 'members.json'].map((name) => ({ path: name, contentBase64: 'AAAA' }));
    expect((await plane.call('PUT', path, { expectedManifestSha256: null, files })).status).toBe(200);
    expect((await heard.next()).value).toMatchObject({ event: { case: 'vaultsChanged' } });
    expect((await plane.call('PUT', path, { expectedManifestSha256: null, files })).status).toBe(409);
    const { session } = await start();
    const { value } = (await heard.next()) as { value: { event: { case: string; value: unknown } } };
    expect(value.event).toMatchObject({ case: 'session', value: { sessionId: session.sessionId } });
    stop.abort();
  });
});
