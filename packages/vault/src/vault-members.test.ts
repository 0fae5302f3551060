import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';
import { generateSigningKey } from './signing-key.js';
import { prepareCredential } from './credential-cipher.js';
import { readMemberIdentity } from './user-file.js';
import { type VaultFiles } from './vault-files.js';
import { assertSuccession, type VaultManifest } from './vault-manifest.js';
import { VerifiedVault } from './verified-vault.js';
import {
  binding,
  TAMPERED,
  canary,
  vaultWith,
  type Made,
  openAs,
  decrypt,
  changed,
  manifestOf,
  rewritten,
  signedBy,
  encPath,
  ada,
  bob,
  eve,
} from './vault.fixture.js';

describe('members', () => {
  const grantBob = async (made: Made, role: 'owner' | 'contributor' | 'reader' = 'contributor') => {
    const member = await readMemberIdentity(bob.file);
    return await made.vault.grant({ member, comparedFingerprint: member.fingerprint, role });
  };

  it('a grant gives the key without touching a ciphertext, and says who granted', async () => {
    const made = await vaultWith();
    const files = await grantBob(made);
    expect(files.get(encPath(made))).toEqual(made.files.get(encPath(made)));
    expect(files.get('key_wrappings/usr_ada.wrap')).toEqual(made.files.get('key_wrappings/usr_ada.wrap'));
    const opened = await openAs(bob, files, made.vaultId, [ada.keys.verifying]);
    expect(opened.exportVaultKey().expose()).toEqual(made.vaultKey.expose());
    await expect(openAs(bob, files, made.vaultId)).rejects.toMatchObject(TAMPERED);
    await expect(openAs(eve, files, made.vaultId, [ada.keys.verifying])).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it('a key that the store swapped in does not pass the comparison of fingerprints', async () => {
    const made = await vaultWith();
    const [real, swapped] = await Promise.all([readMemberIdentity(bob.file), readMemberIdentity(eve.file)]);
    const grant = made.vault.grant({ member: swapped, comparedFingerprint: real.fingerprint, role: 'reader' });
    await expect(grant).rejects.toMatchObject({ ...TAMPERED, details: { reason: 'fingerprint' } });
  });

  it('a revoked member opens nothing of the next state, with any key they knew', async () => {
    const made = await vaultWith();
    const granted = await grantBob(made);
    const bobs = await openAs(bob, granted, made.vaultId, [ada.keys.verifying]);
    const ours = await made.vault.reopen(granted);
    const revoked = await ours.revoke({ userId: 'usr_bob' });
    expect(manifestOf(revoked).keyEpoch).toBe(2);
    expect(revoked.has('key_wrappings/usr_bob.wrap')).toBe(false);
    await expect(openAs(bob, revoked, made.vaultId, [ada.keys.verifying])).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(decrypt(made, revoked, { vaultKey: bobs.exportVaultKey() })).rejects.toMatchObject({
      code: 'LEASE_EXPIRED',
    });
    const after = await ours.reopen(revoked);
    expect((await decrypt(made, revoked, { vaultKey: after.exportVaultKey() })).exposeString()).toBe(made.secret);
    // The same ciphertext under the old epoch is gone: the raw box does not open with the old key.
    const verified = await VerifiedVault.verify({
      files: revoked,
      vaultId: made.vaultId,
      manifestKeys: [ada.keys.verifying],
    });
    const [entry] = verified.manifest.credentials;
    if (entry === undefined) throw new Error('no credential');
    await expect(verified.openCredential(entry, bobs.exportVaultKey())).rejects.toMatchObject({
      code: 'LEASE_EXPIRED',
    });
    const file = revoked.get(encPath(made)) ?? new Uint8Array();
    const place = { vaultId: made.vaultId, credentialId: entry.id, version: entry.version, keyEpoch: 2 };
    const bypass = prepareCredential({ file, vaultKey: bobs.exportVaultKey(), place });
    await expect(bypass).rejects.toMatchObject({ ...TAMPERED, details: { reason: 'ciphertext:key' } });
  });

  it('a removed member cannot be added again by putting the old wrapping back', async () => {
    const made = await vaultWith();
    const granted = await grantBob(made);
    const revoked = await (await made.vault.reopen(granted)).revoke({ userId: 'usr_bob' });
    const oldWrap = granted.get('key_wrappings/usr_bob.wrap') ?? null;
    const withWrap = changed(revoked, 'key_wrappings/usr_bob.wrap', oldWrap);
    await expect(openAs(ada, withWrap, made.vaultId)).rejects.toMatchObject(TAMPERED);
    const bobsEntry = manifestOf(granted).members.find(({ userId }) => userId === 'usr_bob');
    const listed = (manifest: VaultManifest) => ({
      ...manifest,
      members: [...manifest.members, ...(bobsEntry ? [bobsEntry] : [])],
    });
    await expect(openAs(ada, rewritten(withWrap, listed), made.vaultId)).rejects.toMatchObject(TAMPERED);
    const self = await signedBy(bob, withWrap, listed);
    await expect(openAs(ada, self, made.vaultId)).rejects.toMatchObject(TAMPERED);
  });

  it('only an owner grants, only writers write, and an owner cannot lock the vault for good', async () => {
    const made = await vaultWith();
    const member = await readMemberIdentity(eve.file);
    const grant = { member, comparedFingerprint: member.fingerprint, role: 'reader' } as const;
    const put = { name: 'n', secret: Secret.fromString(canary()), binding };
    const denied = { code: 'PERMISSION_DENIED' };
    const reader = await openAs(bob, await grantBob(made, 'reader'), made.vaultId, [ada.keys.verifying]);
    await expect(reader.putCredential(put)).rejects.toMatchObject(denied);
    await expect(reader.removeCredential({ credentialId: made.credentialId })).rejects.toMatchObject(denied);
    const contributor = await openAs(bob, await grantBob(made), made.vaultId, [ada.keys.verifying]);
    for (const attempt of [
      contributor.grant(grant),
      contributor.revoke({ userId: 'usr_ada' }),
      contributor.rotateKey(),
    ]) {
      await expect(attempt).rejects.toMatchObject(denied);
    }
    const written = await contributor.putCredential(put);
    expect((await openAs(ada, written, made.vaultId, [bob.keys.verifying])).listCredentials()).toHaveLength(2);
    const failed = { code: 'PRECONDITION_FAILED' };
    await expect(made.vault.revoke({ userId: 'usr_ada' })).rejects.toMatchObject(failed);
    const me = await readMemberIdentity(ada.file);
    const demote = { member: me, comparedFingerprint: me.fingerprint, role: 'reader' } as const;
    await expect(made.vault.grant(demote)).rejects.toMatchObject(failed);
    const personal = await vaultWith(canary(), 'personal');
    await expect(personal.vault.grant(grant)).rejects.toMatchObject(failed);
  });

  it('a reader’s signature on a manifest counts for nothing', async () => {
    const made = await vaultWith();
    const files = await signedBy(bob, await grantBob(made, 'reader'), (manifest) => ({ ...manifest, version: 9 }));
    await expect(openAs(ada, files, made.vaultId, [bob.keys.verifying])).rejects.toMatchObject(TAMPERED);
  });

  it('the chain of manifests names a step that its signer could not make', async () => {
    const made = await vaultWith();
    const granted = await grantBob(made);
    const trusted = [ada.keys.verifying, bob.keys.verifying, (await generateSigningKey()).verifying];
    const stateOf = async (files: VaultFiles) => {
      const vault = await VerifiedVault.verify({ files, vaultId: made.vaultId, manifestKeys: trusted });
      return { manifest: vault.manifest, manifestSha256: vault.manifestSha256, signerKeyId: vault.signerKeyId };
    };
    const [previous, next] = [await stateOf(made.files), await stateOf(granted)];
    expect(() => assertSuccession({ previous, next })).not.toThrow();
    const usurped = await stateOf(
      await signedBy(bob, granted, (manifest) => ({
        ...manifest,
        version: manifest.version + 1,
        previousManifestSha256: next.manifestSha256,
        members: manifest.members.map((member) => ({ ...member, role: 'owner' })),
      })),
    );
    const broken = [
      { previous: next, next: usurped },
      { previous, next: { ...next, manifest: { ...next.manifest, version: 9 } } },
      { previous: { ...previous, manifestSha256: 'x' }, next },
      { previous, next: { ...next, manifest: { ...next.manifest, keyEpoch: 5 } } },
      { previous, next: { ...next, signerKeyId: 'unknown' } },
    ];
    for (const step of broken)
      expect(() => assertSuccession(step)).toThrow(expect.objectContaining(TAMPERED) as unknown as Error);
  });
});
