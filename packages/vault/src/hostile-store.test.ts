import { describe, expect, it } from '@jest/globals';
import { utf8 } from './bytes.js';
import { createVault } from './create-vault.js';
import { Secret } from './secret.js';
import { type VaultManifest } from './vault-manifest.js';
import {
  binding,
  use,
  TAMPERED,
  newId,
  canary,
  vaultWith,
  openAs,
  decrypt,
  changed,
  manifestOf,
  rewritten,
  signedBy,
  encPath,
  ada,
  eve,
} from './vault.fixture.js';

describe('a hostile store', () => {
  it('cannot widen a binding, whether it signs with a key of its own or not', async () => {
    const made = await vaultWith();
    const elsewhere = { use: { ...use, host: 'evil.example' } };
    const widen = (manifest: VaultManifest): VaultManifest => ({
      ...manifest,
      credentials: manifest.credentials.map((one) => ({
        ...one,
        binding: { ...one.binding, hosts: ['evil.example'] },
      })),
    });
    await expect(decrypt(made, rewritten(made.files, widen), elsewhere)).rejects.toMatchObject(TAMPERED);
    await expect(decrypt(made, await signedBy(eve, made.files, widen), elsewhere)).rejects.toMatchObject(TAMPERED);
  });

  it('cannot change, cut, empty or drop any byte of any file', async () => {
    const made = await vaultWith();
    for (const [path, content] of made.files) {
      for (const at of [0, Math.floor(content.length / 2), content.length - 2]) {
        const flipped = content.slice();
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        await expect(openAs(ada, changed(made.files, path, flipped), made.vaultId)).rejects.toMatchObject(TAMPERED);
      }
      for (const bad of [null, new Uint8Array(), content.slice(0, -2), content.slice(1)]) {
        await expect(openAs(ada, changed(made.files, path, bad), made.vaultId)).rejects.toMatchObject(TAMPERED);
      }
    }
    const extra = changed(made.files, 'key_wrappings/usr_eve.wrap', utf8('{}'));
    await expect(openAs(ada, extra, made.vaultId)).rejects.toMatchObject(TAMPERED);
  });

  it('cannot cut or swap a ciphertext at the moment of use either', async () => {
    const [made, other] = [await vaultWith(), await vaultWith()];
    const enc = made.files.get(encPath(made)) ?? new Uint8Array();
    const another = other.files.get(encPath(other)) ?? null;
    for (const bad of [null, new Uint8Array(), enc.slice(0, -1), enc.slice(0, 60), another]) {
      await expect(decrypt(made, changed(made.files, encPath(made), bad))).rejects.toMatchObject(TAMPERED);
    }
  });

  it('cannot show one vault for another', async () => {
    const [made, other] = [await vaultWith(), await vaultWith()];
    await expect(openAs(ada, other.files, made.vaultId)).rejects.toMatchObject(TAMPERED);
    await expect(decrypt(made, other.files)).rejects.toMatchObject(TAMPERED);
  });

  it('cannot roll the vault back below what was seen, nor bring an old credential back', async () => {
    const made = await vaultWith();
    const secret = Secret.fromString(canary());
    const next = await made.vault.putCredential({ name: 'linear', secret, binding });
    const seen = { minManifestVersion: 3 };
    await expect(decrypt(made, made.files, seen)).rejects.toMatchObject({
      ...TAMPERED,
      details: { reason: 'rolled-back' },
    });
    await expect((await made.vault.reopen(next)).reopen(made.files)).rejects.toMatchObject(TAMPERED);
    const oldEnc = changed(next, encPath(made), made.files.get(encPath(made)) ?? null);
    await expect(decrypt(made, oldEnc)).rejects.toMatchObject(TAMPERED);
    await expect(decrypt(made, made.files, { expectedVersion: 2 })).rejects.toMatchObject(TAMPERED);
  });

  it('with a stolen member signature still cannot move a ciphertext to another name, version or epoch', async () => {
    const made = await vaultWith();
    const files = await made.vault.putCredential({ name: 'second', secret: Secret.fromString(canary()), binding });
    const manifest = manifestOf(files);
    const [first, second] = manifest.credentials;
    const swapped = changed(
      changed(files, `credentials/${first?.id}.enc`, files.get(`credentials/${second?.id}.enc`) ?? null),
      `credentials/${second?.id}.enc`,
      files.get(`credentials/${first?.id}.enc`) ?? null,
    );
    const withDigests = await signedBy(ada, swapped, (signed) => ({
      ...signed,
      credentials: signed.credentials.map((one) => ({
        ...one,
        encSha256: (one.id === first?.id ? second : first)?.encSha256 ?? '',
      })),
    }));
    await expect(decrypt(made, withDigests)).rejects.toMatchObject({
      ...TAMPERED,
      details: { reason: 'another-credential' },
    });
    const renumbered = await signedBy(ada, files, (signed) => ({
      ...signed,
      credentials: signed.credentials.map((one) => ({ ...one, version: 7 })),
    }));
    await expect(decrypt(made, renumbered)).rejects.toMatchObject(TAMPERED);
  });

  it('cannot pass a vault key of its own: a member notices that it is not the committed one', async () => {
    const made = await vaultWith();
    const wrongKey = { vaultKey: Secret.fromBytes(crypto.getRandomValues(new Uint8Array(32))) };
    await expect(decrypt(made, made.files, wrongKey)).rejects.toMatchObject({ code: 'LEASE_EXPIRED' });
  });

  it('cannot make a vault of a stranger pass for one of ours', async () => {
    const vaultId = newId('vlt');
    const files = await createVault({ vaultId, name: 'v', type: 'shared', owner: eve.keys, now: new Date() });
    await expect(openAs(ada, files, vaultId)).rejects.toMatchObject(TAMPERED);
    await expect(openAs(ada, files, vaultId, [eve.keys.verifying])).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});
