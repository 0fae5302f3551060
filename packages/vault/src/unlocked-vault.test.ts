import { describe, expect, it } from '@jest/globals';
import { VerifiedVault } from './verified-vault.js';
import { type CredentialBinding } from './credential-binding.js';
import { Secret } from './secret.js';
import { binding, use, canary, vaultWith, decrypt, encPath, ada } from './vault.fixture.js';

describe('a vault', () => {
  it('gives back what was stored, by the layout of the seed, with nothing in clear', async () => {
    const made = await vaultWith();
    expect((await decrypt(made)).exposeString()).toBe(made.secret);
    expect([...made.files.keys()].sort()).toEqual(
      [
        encPath(made),
        `credentials/${made.credentialId}.meta.json`,
        'key_wrappings/usr_ada.wrap',
        'manifest.json',
        'members.json',
        'meta.json',
      ].sort(),
    );
    for (const file of made.files.values()) expect(Buffer.from(file).includes(made.secret)).toBe(false);
  });

  it('makes the next version of a credential of the same name, and removes it', async () => {
    const made = await vaultWith();
    const secret = canary();
    const second = await made.vault.putCredential({ name: 'linear', secret: Secret.fromString(secret), binding });
    const vault = await made.vault.reopen(second);
    expect(vault.listCredentials()).toMatchObject([{ id: made.credentialId, version: 2 }]);
    expect((await decrypt(made, second)).exposeString()).toBe(secret);
    await expect(decrypt(made, second, { expectedVersion: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
    const third = await vault.removeCredential({ credentialId: made.credentialId });
    await expect(decrypt(made, third)).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_BOUND' });
    expect((await vault.reopen(third)).listCredentials()).toEqual([]);
    expect([...third.keys()].some((path) => path.startsWith('credentials/'))).toBe(false);
  });

  it('changes nothing of the files it was given', async () => {
    const made = await vaultWith();
    const before = new Map([...made.files].map(([path, content]) => [path, Buffer.from(content).toString('hex')]));
    await made.vault.putCredential({ name: 'x', secret: Secret.fromString(canary()), binding });
    await made.vault.rotateKey();
    expect(new Map([...made.files].map(([path, content]) => [path, Buffer.from(content).toString('hex')]))).toEqual(
      before,
    );
  });

  it('refuses a secret that cannot be sent and a binding that says nothing', async () => {
    const { vault } = await vaultWith();
    const put = (secret: string, over: Partial<CredentialBinding> = {}) =>
      vault.putCredential({ name: 'n', secret: Secret.fromString(secret), binding: { ...binding, ...over } });
    await expect(put('with\r\nnewline')).rejects.toMatchObject({ code: 'SECRET_UNSUITABLE' });
    const invalid = { code: 'INVALID_ARGUMENT' };
    for (const over of [
      { hosts: [] },
      { hosts: ['API.linear.app'] },
      { hosts: ['*.linear.app'] },
      { hosts: ['api.linear.app:443'] },
      { hosts: ['api.linear.app.'] },
      { operations: [] },
      { operations: ['*'] },
      { operations: ['github.create_issue'] },
      { operations: ['linear.create*'] },
      { connector: 'Linear' },
      { placement: 'a\nb' },
    ]) {
      await expect(put(canary(), over)).rejects.toMatchObject(invalid);
    }
    const nameless = { name: 'a\u202eb', secret: Secret.fromString(canary()), binding };
    await expect(vault.putCredential(nameless)).rejects.toMatchObject(invalid);
  });
});

describe('a zeroed vault key', () => {
  it('opens nothing, not even what it opened before', async () => {
    const made = await vaultWith();
    const { files, vaultId, credentialId, vaultKey } = made;
    const vault = await VerifiedVault.verify({ files, vaultId, manifestKeys: [ada.keys.verifying] });
    expect((await vault.decrypt({ vaultKey, credentialId, use })).exposeString()).toBe(made.secret);
    vaultKey.zero();
    await expect(vault.decrypt({ vaultKey, credentialId, use })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('a credential is used only as its owner bound it', () => {
  it.each([
    [{ host: 'evil.example' }],
    [{ host: 'api.linear.app.evil.example' }],
    [{ host: 'API.LINEAR.APP' }],
    [{ host: 'api.linear.app.' }],
    [{ host: '' }],
    [{ operation: 'linear.delete_issue' }],
    [{ operation: 'linear.*' }],
    [{ operation: 'create_issue' }],
    [{ connector: 'github' }],
    [{ connector: 'github', operation: 'github.create_issue' }],
  ])('not for %j', async (change) => {
    const made = await vaultWith();
    await expect(decrypt(made, made.files, { use: { ...use, ...change } })).rejects.toMatchObject({
      code: 'CREDENTIAL_BINDING_REFUSED',
    });
  });
});
