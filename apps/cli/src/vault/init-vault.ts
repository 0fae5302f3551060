import { LOCAL_USER_ID, VaultId } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { createUser, createVault, type Secret } from '@aileron/vault';
import { randomBytes } from 'node:crypto';
import type { LocalApi } from '../api/local-api.js';
import { localUser } from './local-user.js';
import { encodeVaultFiles } from './vault-files.js';

/** Makes the person's keys from the passphrase, and their personal vault. The passphrase stays in this process. */
export async function initVault(i: {
  api: LocalApi;
  passphrase: Secret;
  now: Date;
}): Promise<{ vaultId: string; recoveryKit: string }> {
  const { vaults } = await i.api.listVaults();
  const existing = vaults.find((vault) => vault.type === 'personal');
  if (existing)
    throw new AileronError('PRECONDITION_FAILED', { vaultId: existing.vaultId, reason: 'you have a vault already' });
  const user = await createUser({ ...localUser(), passphrase: i.passphrase });
  const vaultId = VaultId.parse(`vlt_${randomBytes(12).toString('hex')}`);
  const files = await createVault({ vaultId, name: 'personal', type: 'personal', owner: user.keys, now: i.now });
  await i.api.putUser(LOCAL_USER_ID, {
    expectedSha256: null,
    contentBase64: Buffer.from(user.file).toString('base64'),
  });
  await i.api.putVault(vaultId, { expectedManifestSha256: null, files: encodeVaultFiles(files) });
  return { vaultId, recoveryKit: user.recoveryKit };
}
