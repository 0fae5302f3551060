import { describe, expect, it } from '@jest/globals';
import { toBase64 } from './base64.js';
import { signJson } from './signed-json.js';
import { sha256Base64Url } from './sha256.js';
import { generateVaultKey, unwrapVaultKey, vaultKeyCommitment, wrapVaultKey, type WrapTarget } from './vault-key.js';
import { VAULT_MANIFEST_TYPE } from './vault-manifest.js';
import {
  ada,
  bob,
  changed,
  eve,
  manifestOf,
  newId,
  openAs,
  type Person,
  TAMPERED,
  vaultWith,
} from './vault.fixture.js';
import { readMemberIdentity } from './user-file.js';

const targetFor = ({ keys }: Person, change: Partial<WrapTarget> = {}): WrapTarget => ({
  vaultId: newId('vlt'),
  keyEpoch: 1,
  userId: keys.userId,
  recipientPublicKeyBase64: toBase64(keys.x25519PublicKeyRaw),
  ...change,
});
const recipientOf = ({ keys }: Person) => ({ privateKey: keys.x25519PrivateKey, publicKey: keys.x25519PublicKey });

describe('a wrapped vault key', () => {
  it('opens for its member, vault and epoch, from its granter, and for nothing else', async () => {
    const [vaultKey, target] = [generateVaultKey(), targetFor(bob)];
    const file = await wrapVaultKey({ vaultKey, target, granter: ada.keys.signing });
    const commitment = await vaultKeyCommitment(vaultKey, target.vaultId, target.keyEpoch);
    const right = { file, target, commitment, recipient: recipientOf(bob), granters: [ada.keys.verifying] };
    expect((await unwrapVaultKey(right)).expose()).toEqual(vaultKey.expose());
    const wrong: readonly (readonly [Partial<typeof right>, string])[] = [
      [{ target: { ...target, keyEpoch: 2 } }, 'another-wrapping'],
      [{ target: { ...target, vaultId: newId('vlt') } }, 'another-wrapping'],
      [{ target: { ...target, userId: 'usr_eve' } }, 'another-wrapping'],
      [{ recipient: recipientOf(eve) }, 'wrapping-does-not-open'],
      [{ commitment: 'x'.repeat(43) }, 'another-vault-key'],
      [{ granters: [eve.keys.verifying] }, 'signature'],
      [{ granters: [] }, 'signature'],
    ];
    for (const [change, reason] of wrong) {
      await expect(unwrapVaultKey({ ...right, ...change })).rejects.toMatchObject({ ...TAMPERED, details: { reason } });
    }
  });

  it('counts as a grant only with an owner’s signature, even when a contributor signs the manifest too', async () => {
    const made = await vaultWith();
    const member = await readMemberIdentity(bob.file);
    const granted = await made.vault.grant({ member, comparedFingerprint: member.fingerprint, role: 'contributor' });
    const trusted = [ada.keys.verifying, bob.keys.verifying];
    const vaultKey = (await openAs(bob, granted, made.vaultId, trusted)).exportVaultKey();
    const target = targetFor(eve, { vaultId: made.vaultId });
    const wrap = await wrapVaultKey({ vaultKey, target, granter: bob.keys.signing });
    const { signing, encryptionPublicKeyBase64 } = await readMemberIdentity(eve.file);
    const manifest = manifestOf(granted);
    const value = {
      ...manifest,
      version: manifest.version + 1,
      previousManifestSha256: await sha256Base64Url(granted.get('manifest.json') ?? new Uint8Array()),
      members: [
        ...manifest.members,
        {
          userId: 'usr_eve',
          role: 'reader',
          signing,
          encryptionPublicKeyBase64,
          wrapSha256: await sha256Base64Url(wrap),
        },
      ],
    };
    const file = await signJson({ payloadType: VAULT_MANIFEST_TYPE, value, key: bob.keys.signing });
    const members = { members: value.members.map(({ userId, role }) => ({ user_id: userId, role })) };
    const rewritten = changed(granted, 'members.json', Buffer.from(`${JSON.stringify(members, null, 2)}\n`));
    const files = changed(changed(rewritten, 'key_wrappings/usr_eve.wrap', wrap), 'manifest.json', file);
    await expect(openAs(eve, files, made.vaultId, trusted)).rejects.toMatchObject({
      ...TAMPERED,
      details: { reason: 'signature' },
    });
  });
});
