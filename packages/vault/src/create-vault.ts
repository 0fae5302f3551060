import { toBase64 } from './base64.js';
import { parseInput } from './parse-input.js';
import { exportVerifyingKey } from './signing-key.js';
import { type UserKeys } from './user-keys.js';
import { VaultDraft } from './vault-draft.js';
import { type VaultFiles } from './vault-files.js';
import { generateVaultKey } from './vault-key.js';
import { VaultId, VaultName, VaultType } from './vault-manifest.js';

/** A vault with one member, its owner, and nothing in it. */
export async function createVault(input: {
  vaultId: string;
  name: string;
  type: 'personal' | 'shared';
  owner: UserKeys;
  now: Date;
}): Promise<VaultFiles> {
  const { owner } = input;
  const vaultId = parseInput(VaultId, input.vaultId, 'vaultId');
  const name = parseInput(VaultName, input.name, 'name');
  const type = parseInput(VaultType, input.type, 'type');
  const header = {
    vaultId,
    name,
    type,
    ownerUserId: owner.userId,
    createdAt: input.now.toISOString(),
    version: 1,
    keyEpoch: 1,
    previousManifestSha256: null,
  };
  const vaultKey = generateVaultKey();
  try {
    const draft = new VaultDraft(header, vaultKey, owner.signing);
    const signing = await exportVerifyingKey(owner.verifying);
    const encryptionPublicKeyBase64 = toBase64(owner.x25519PublicKeyRaw);
    await draft.wrapFor({ userId: owner.userId, role: 'owner', signing, encryptionPublicKeyBase64 });
    return await draft.sign();
  } finally {
    vaultKey.zero();
  }
}
