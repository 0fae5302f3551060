import { describe, expect, it } from '@jest/globals';
import { makeService, makeVault, USE } from '../testing.fixture.js';

const WITHIN_MS = 20_000;

/** Tries at once, again and again, without ever taking the way that waits. */
async function atOnce<T>(attempt: () => T | undefined): Promise<T> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const value = attempt();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('it was never possible at once');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a credential that was resolved', () => {
  it('is prepared by then, so that it opens at once; nothing is opened before', async () => {
    const service = makeService();
    const made = await makeVault();
    const session = await service.deliver([made]);
    const order = {
      ...session,
      vaultId: made.vaultId,
      credentialId: made.credentialId,
      credentialVersion: 1,
      use: USE,
    };
    expect(service.decrypt.decryptNow(order)).toBeUndefined();
    await service.decrypt.resolve({ ...session, use: USE });
    expect(service.counts.get('ok')).toBeUndefined();
    const secret = await atOnce(() => service.decrypt.decryptNow(order));
    expect(secret.exposeString()).toBe(made.secret);
    expect(service.counts.get('ok')).toBe(1);
  });

  it('opens for nobody once the lease is gone', async () => {
    const service = makeService();
    const made = await makeVault();
    const session = await service.deliver([made]);
    const order = {
      ...session,
      vaultId: made.vaultId,
      credentialId: made.credentialId,
      credentialVersion: 1,
      use: USE,
    };
    const resolving = service.decrypt.resolve({ ...session, use: USE });
    await resolving;
    service.leases.revoke(session);
    expect(service.decrypt.decryptNow(order)).toBeUndefined();
    await expect(service.decrypt.decrypt(order)).rejects.toMatchObject({ code: 'LEASE_MISSING' });
  });
});
