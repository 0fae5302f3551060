import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { Secret, type VaultFiles } from '@aileron/vault';
import { BINDING, canary, makeService, makeVault, newId, openVault, USE } from '../testing.fixture.js';

const binding = { ...BINDING, hosts: [...BINDING.hosts], operations: [...BINDING.operations] };

async function unlocked() {
  const [service, made] = [makeService(), await makeVault()];
  const session = await service.deliver([made]);
  const order = { ...session, vaultId: made.vaultId, credentialId: made.credentialId, credentialVersion: 1, use: USE };
  return { ...service, made, session, order };
}
const changed = (files: VaultFiles, path: string, content: Uint8Array) => new Map([...files, [path, content]]);

describe('decrypt', () => {
  it('gives the plaintext to a live session for the use that the owner bound', async () => {
    const { decrypt, session, order, made, counts } = await unlocked();
    const resolved = await decrypt.resolve({ ...session, use: USE });
    expect(resolved).toMatchObject({ vaultId: made.vaultId, credentialId: made.credentialId, version: 1 });
    expect((await decrypt.decrypt(order)).exposeString()).toBe(made.secret);
    expect(counts.get('ok')).toBe(1);
  });

  it('reads nothing from the store without a live lease', async () => {
    const { decrypt, order, store, leases, counts, session } = await unlocked();
    leases.revoke(session);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'LEASE_MISSING' });
    await expect(decrypt.decrypt({ ...order, tenantId: 'ten_other' })).rejects.toMatchObject({ code: 'LEASE_MISSING' });
    expect(store.reads).toBe(0);
    expect(counts.get('LEASE_MISSING')).toBe(2);
  });

  it('refuses another host, operation, vault and credential', async () => {
    const { decrypt, order } = await unlocked();
    const refused: readonly (readonly [object, string])[] = [
      [{ use: { ...USE, host: 'evil.example' } }, 'CREDENTIAL_BINDING_REFUSED'],
      [{ use: { ...USE, operation: 'github.create_issue', connector: 'github' } }, 'CREDENTIAL_BINDING_REFUSED'],
      [{ vaultId: newId('vlt') }, 'CREDENTIAL_NOT_BOUND'],
      [{ credentialId: newId('crd') }, 'CREDENTIAL_NOT_BOUND'],
      [{ credentialVersion: 2 }, 'VAULT_TAMPERED'],
    ];
    for (const [change, code] of refused) {
      await expect(decrypt.decrypt({ ...order, ...change })).rejects.toMatchObject({ code });
    }
  });

  it('says in no error what the secret is', async () => {
    for (const attack of ['binding', 'ciphertext']) {
      const { decrypt, order, made, store } = await unlocked();
      const path = `credentials/${made.credentialId}.enc`;
      const cut = changed(made.files, path, (made.files.get(path) ?? new Uint8Array()).slice(0, -3));
      if (attack === 'ciphertext') store.vaults.set(made.vaultId, cut);
      const use = attack === 'binding' ? { ...USE, host: 'evil.example' } : USE;
      const error: unknown = await decrypt.decrypt({ ...order, use }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(AileronError);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(made.secret);
      expect(JSON.stringify(error)).not.toContain(made.secret);
    }
  });

  it('refuses a binding rewritten in the store, a cut ciphertext and another vault’s files', async () => {
    const attacks = async (made: Awaited<ReturnType<typeof makeVault>>): Promise<VaultFiles[]> => {
      const manifest = Buffer.from(made.files.get('manifest.json') ?? []).toString();
      const envelope = JSON.parse(manifest) as { payload: string };
      const payload = Buffer.from(envelope.payload, 'base64').toString().replace('api.linear.app', 'evil.example.c');
      const rewritten = JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') });
      const path = `credentials/${made.credentialId}.enc`;
      return [
        changed(made.files, 'manifest.json', Buffer.from(rewritten)),
        changed(made.files, path, (made.files.get(path) ?? new Uint8Array()).slice(0, -9)),
        (await makeVault()).files,
      ];
    };
    for (const which of [0, 1, 2]) {
      const { decrypt, order, made, store } = await unlocked();
      store.vaults.set(made.vaultId, (await attacks(made))[which] ?? new Map());
      await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'VAULT_TAMPERED' });
    }
  });

  it('uses a copy for at most a second, and fails closed when the store is away', async () => {
    const { decrypt, order, store, clock } = await unlocked();
    for (let i = 0; i < 20; i++) await decrypt.decrypt(order);
    await Promise.all(Array.from({ length: 20 }, () => decrypt.decrypt(order)));
    expect(store.reads).toBe(1);
    clock.advance(1_000);
    await Promise.all(Array.from({ length: 20 }, () => decrypt.decrypt(order)));
    expect(store.reads).toBe(2);
    // What has not changed is not given again.
    expect(store.given).toBe(1);
    store.failure = new AileronError('UNAVAILABLE');
    await decrypt.decrypt(order);
    clock.advance(1_000);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    store.failure = null;
    await decrypt.decrypt(order);
  });

  it('reads the vaults of a lease when it comes, so that the first call need not', async () => {
    const { decrypt, deliver, store, vaults } = makeService();
    vaults.onModuleInit();
    const made = [await makeVault(), await makeVault()];
    const session = await deliver(made);
    while (store.given < 2) await nextTurn();
    const ids = { vaultId: made[1]?.vaultId ?? '', credentialId: made[1]?.credentialId ?? '' };
    (await decrypt.decrypt({ ...session, ...ids, credentialVersion: 1, use: USE })).zero();
    expect(store.reads).toBe(2);
  });

  it('opens a session whose vaults cannot be read, and says so when one is used', async () => {
    const { decrypt, deliver, store, vaults } = makeService();
    vaults.onModuleInit();
    store.failure = new AileronError('UNAVAILABLE');
    const session = await deliver([await makeVault()]);
    await expect(decrypt.resolve({ ...session, use: USE })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    store.failure = null;
    expect(await decrypt.resolve({ ...session, use: USE })).toMatchObject({ version: 1 });
  });

  it('has it at once where all of it is at hand, with the same checks, and never for whom the long way refuses', async () => {
    const { decrypt, order, made, session, clock, leases } = await unlocked();
    expect(decrypt.resolveNow({ ...session, use: USE })).toBeUndefined();
    expect(decrypt.decryptNow(order)).toBeUndefined();
    (await decrypt.decrypt(order)).zero();
    expect(decrypt.resolveNow({ ...session, use: USE })).toMatchObject({ credentialId: made.credentialId });
    const secret = decrypt.decryptNow(order);
    expect(secret?.exposeString()).toBe(made.secret);
    secret?.zero();
    expect(decrypt.decryptNow(order)?.exposeString()).toBe(made.secret);
    const elsewhere = { ...USE, host: 'evil.example' };
    expect(decrypt.resolveNow({ ...session, use: elsewhere })).toBeUndefined();
    for (const change of [
      { use: elsewhere },
      { use: { ...USE, operation: 'linear.delete_everything_else', connector: 'github' } },
      { vaultId: newId('vlt') },
      { credentialId: newId('crd') },
      { credentialVersion: 2 },
      { tenantId: 'ten_other' },
      { sessionId: newId('ses') },
    ]) {
      expect(decrypt.decryptNow({ ...order, ...change })).toBeUndefined();
    }
    clock.advance(1_000);
    expect(decrypt.decryptNow(order)).toBeUndefined();
    expect(decrypt.resolveNow({ ...session, use: USE })).toBeUndefined();
    (await decrypt.decrypt(order)).zero();
    leases.revoke(session);
    expect(decrypt.decryptNow(order)).toBeUndefined();
    expect(() => decrypt.resolveNow({ ...session, use: USE })).toThrow(AileronError);
  });

  it('finds a credential that was stored a moment ago', async () => {
    const { decrypt, session, made, store } = await unlocked();
    const use = { connector: 'anthropic', operation: 'anthropic.create_message', host: 'api.anthropic.com' };
    await expect(decrypt.resolve({ ...session, use })).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_BOUND' });
    const files = await made.vault.putCredential({
      name: 'anthropic',
      secret: Secret.fromString(canary()),
      binding: { ...binding, connector: 'anthropic', hosts: ['api.anthropic.com'], operations: ['anthropic.*'] },
    });
    store.vaults.set(made.vaultId, files);
    expect(await decrypt.resolve({ ...session, use })).toMatchObject({ version: 1, name: 'anthropic' });
  });

  it('asks for the present version, and never goes back to an earlier one', async () => {
    const { decrypt, order, made, store, clock } = await unlocked();
    await decrypt.decrypt(order);
    const secret = canary();
    const files = await made.vault.putCredential({ name: 'linear', secret: Secret.fromString(secret), binding });
    store.vaults.set(made.vaultId, files);
    expect((await decrypt.decrypt({ ...order, credentialVersion: 2 })).exposeString()).toBe(secret);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'CONFLICT' });
    store.vaults.set(made.vaultId, made.files);
    clock.advance(1_000);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'VAULT_TAMPERED' });
  });

  it('refuses a vault older than the device saw, from the first use on, and a fork', async () => {
    const { decrypt, order, made, store, clock } = await unlocked();
    store.vaults.set(made.vaultId, made.empty);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'VAULT_TAMPERED' });
    store.vaults.set(made.vaultId, made.files);
    await decrypt.decrypt(order);
    const first = await openVault(made.vaultId, made.empty);
    const fork = await first.putCredential({ name: 'other', secret: Secret.fromString(canary()), binding });
    store.vaults.set(made.vaultId, fork);
    clock.advance(1_000);
    const forked = { code: 'VAULT_TAMPERED', details: { reason: 'forked' } };
    await expect(decrypt.resolve({ ...order, use: USE })).rejects.toMatchObject(forked);
  });

  it('asks for a new lease once the vault key was rotated', async () => {
    const { decrypt, order, made, store, clock, deliver, session } = await unlocked();
    await decrypt.decrypt(order);
    const files = await made.vault.rotateKey();
    store.vaults.set(made.vaultId, files);
    clock.advance(1_000);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'LEASE_EXPIRED' });
    await deliver([{ ...made, vault: await made.vault.reopen(files) }], { sessionId: session.sessionId });
    expect((await decrypt.decrypt(order)).exposeString()).toBe(made.secret);
  });

  it('answers by the present state when the lease goes while it works', async () => {
    const revoked = await unlocked();
    const pending = revoked.decrypt.decrypt(revoked.order);
    revoked.leases.revoke(revoked.session);
    await expect(pending).rejects.toMatchObject({ code: 'LEASE_MISSING' });

    const renewed = await unlocked();
    const during = renewed.decrypt.decrypt(renewed.order);
    await renewed.deliver([renewed.made], { sessionId: renewed.session.sessionId });
    expect((await during).exposeString()).toBe(renewed.made.secret);

    const expired = await unlocked();
    const late = expired.decrypt.decrypt(expired.order);
    expired.clock.advance(3_600_000);
    await expect(late).rejects.toMatchObject({ code: 'LEASE_EXPIRED' });
  });

  it('prefers the nearest level over all leased vaults and names two at one', async () => {
    const service = makeService();
    const [personal, session, second] = await Promise.all([
      makeVault(canary(), 'personal'),
      makeVault(canary(), 'session'),
      makeVault(canary(), 'session'),
    ]);
    const one = await service.deliver([personal, session]);
    expect(await service.decrypt.resolve({ ...one, use: USE })).toMatchObject({ vaultId: session.vaultId });
    const two = await service.deliver([personal, session, second]);
    await expect(service.decrypt.resolve({ ...two, use: USE })).rejects.toMatchObject({ code: 'CREDENTIAL_AMBIGUOUS' });
  });
});

describe('sealed state', () => {
  const plaintext = new TextEncoder().encode('session ca');

  it('survives a new lease for the same session, and opens for that session only', async () => {
    const { decrypt, session, deliver, made } = await unlocked();
    const sealed = await decrypt.sealState({ ...session, purpose: 'session-ca', plaintext });
    await deliver([made], { sessionId: session.sessionId });
    expect(await decrypt.unsealState({ ...session, purpose: 'session-ca', sealed })).toEqual(plaintext);
    const other = await deliver([made]);
    const tampered = { code: 'STATE_TAMPERED' };
    await expect(decrypt.unsealState({ ...other, purpose: 'session-ca', sealed })).rejects.toMatchObject(tampered);
    await expect(decrypt.unsealState({ ...session, purpose: 'held', sealed })).rejects.toMatchObject(tampered);
  });

  it('needs a live lease, and one with a vault', async () => {
    const { decrypt, session, leases, deliver } = await unlocked();
    const sealed = await decrypt.sealState({ ...session, purpose: 'session-ca', plaintext });
    leases.revoke(session);
    const missing = { code: 'LEASE_MISSING' };
    await expect(decrypt.unsealState({ ...session, purpose: 'session-ca', sealed })).rejects.toMatchObject(missing);
    await expect(decrypt.sealState({ ...session, purpose: 'session-ca', plaintext })).rejects.toMatchObject(missing);
    const empty = await deliver([]);
    await expect(decrypt.sealState({ ...empty, purpose: 'x', plaintext })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });
});
