import { describe, expect, it } from '@jest/globals';
import { generateSigningKey, importVerifyingKey } from '@aileron/vault';
import { makeService, makeVault, newId, sealFor, stranger, TENANT, USE } from '../testing.fixture.js';

const signal = new AbortController().signal;

describe('leases', () => {
  it('unlock a session until their absolute expiry, idle or not', async () => {
    const { deliver, leases, clock, registry, decrypt } = makeService();
    const session = await deliver([await makeVault()], { ttlSeconds: 100 });
    clock.advance(99_000);
    expect(leases.status(session)?.expiresAt).toEqual(new Date(clock.now() + 1_000));
    const held = registry.require(session);
    clock.advance(1_000);
    expect(leases.status(session)).toBeUndefined();
    expect(held.closed).toBe(true);
    expect(() => held.vaultKeys[0]?.expose()).toThrow();
    await expect(decrypt.resolve({ ...session, use: USE })).rejects.toMatchObject({ code: 'LEASE_EXPIRED' });
  });

  it('that nobody uses are zeroed by the sweep', async () => {
    const { deliver, clock, registry } = makeService();
    const session = await deliver([await makeVault()], { ttlSeconds: 100 });
    const held = registry.require(session);
    clock.advance(101_000);
    registry.sweep();
    expect(held.closed).toBe(true);
    expect(registry.size).toBe(0);
  });

  it('are forgotten on revocation, twice without complaint, and at the end of the service', async () => {
    const { deliver, leases, registry, counts, decrypt } = makeService();
    const made = await makeVault();
    const [first, second] = [await deliver([made]), await deliver([made])];
    const held = [registry.require(first), registry.require(second)];
    expect(counts.get('leases')).toBe(2);
    leases.revoke(first);
    leases.revoke(first);
    expect(held.map(({ closed }) => closed)).toEqual([true, false]);
    await expect(decrypt.resolve({ ...first, use: USE })).rejects.toMatchObject({ code: 'LEASE_MISSING' });
    registry.onModuleDestroy();
    expect(held.map(({ closed }) => closed)).toEqual([true, true]);
    expect(counts.get('leases')).toBe(0);
  });

  it('replace the session’s earlier one and zero it', async () => {
    const { deliver, registry } = makeService();
    const made = await makeVault();
    const session = await deliver([made]);
    const earlier = registry.require(session);
    await deliver([made], { sessionId: session.sessionId });
    expect(earlier.closed).toBe(true);
    expect(registry.require(session).closed).toBe(false);
    expect(registry.size).toBe(1);
  });

  it('of one tenant are not those of another, nor of another session', async () => {
    const { deliver, leases } = makeService();
    const session = await deliver([await makeVault()]);
    expect(leases.status({ ...session, tenantId: 'ten_other' })).toBeUndefined();
    expect(leases.status({ ...session, sessionId: newId('ses') })).toBeUndefined();
    expect(leases.status(session)).toBeDefined();
  });

  it('are bounded in number; a full memory refuses a new session and not a renewal', async () => {
    const { deliver, clock } = makeService({ maxLeases: 2 });
    const made = await makeVault();
    const first = await deliver([made], { ttlSeconds: 100 });
    await deliver([made], { ttlSeconds: 200 });
    await expect(deliver([made])).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await deliver([made], { sessionId: first.sessionId, ttlSeconds: 100 });
    clock.advance(150_000);
    await deliver([made]);
  });

  it('are refused when replayed after revocation, or delivered for another session', async () => {
    const { leases, clock } = makeService();
    const [sessionId, now] = [newId('ses'), new Date(clock.now())];
    const sealedLease = await sealFor(await leases.serviceKeyEnvelope(), {
      sessionId,
      now,
      vaults: [await makeVault()],
    });
    const other = { tenantId: TENANT, sessionId: newId('ses'), sealedLease, signal };
    await expect(leases.deliver(other)).rejects.toMatchObject({ code: 'LEASE_INVALID' });
    await leases.deliver({ tenantId: TENANT, sessionId, sealedLease, signal });
    leases.revoke({ tenantId: TENANT, sessionId });
    const replay = leases.deliver({ tenantId: TENANT, sessionId, sealedLease, signal });
    await expect(replay).rejects.toMatchObject({ code: 'LEASE_INVALID', details: { reason: 'replayed' } });
    expect(leases.status({ tenantId: TENANT, sessionId })).toBeUndefined();
  });

  it('are refused from a device that the configuration does not name', async () => {
    const { stored } = await generateSigningKey();
    await importVerifyingKey(stored);
    const { deliver } = makeService({ deviceKeys: [{ userId: 'usr_local', ...stored }] });
    await expect(deliver([await makeVault()])).rejects.toMatchObject({ code: 'LEASE_INVALID' });
  });

  it('are refused when the store’s user file is not the one of this person', async () => {
    const { deliver, store, registry } = makeService();
    store.userFile = stranger.file;
    await expect(deliver([await makeVault()])).rejects.toMatchObject({
      code: 'VAULT_TAMPERED',
      details: { reason: 'member-key' },
    });
    expect(registry.size).toBe(0);
  });

  it('cannot be taken when the configured service key is broken: the start fails', async () => {
    const [a, b] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const broken = { ...a.stored, privateKeyBase64: b.stored.privateKeyBase64 };
    const { leases } = makeService({ serviceSigningKey: broken });
    await expect(leases.onModuleInit()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});
