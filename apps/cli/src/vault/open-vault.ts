import { LOCAL_USER_ID } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { UnlockedVault, unlockUser, type Secret, type UserKeys, type VaultFiles } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { decodeVaultFiles } from './vault-files.js';

export interface OpenedVault {
  readonly vaultId: string;
  readonly files: VaultFiles;
  readonly vault: UnlockedVault;
}

/** The person's keys, from their passphrase. @throws AileronError VAULT_NOT_INITIALISED, PASSPHRASE_WRONG */
export async function unlockLocalUser(api: LocalApi, passphrase: Secret): Promise<UserKeys> {
  try {
    const { contentBase64 } = await api.getUser(LOCAL_USER_ID);
    return await unlockUser({ file: Buffer.from(contentBase64, 'base64'), passphrase });
  } catch (cause) {
    if (AileronError.is(cause, 'NOT_FOUND')) throw new AileronError('VAULT_NOT_INITIALISED', {}, { cause });
    throw cause;
  }
}

/** Every vault of the person, opened. */
export async function openVaults(api: LocalApi, keys: UserKeys): Promise<OpenedVault[]> {
  const { vaults } = await api.listVaults();
  if (vaults.length === 0) throw new AileronError('VAULT_NOT_INITIALISED');
  return Promise.all(
    vaults.map(async ({ vaultId }) => {
      const files = decodeVaultFiles(await api.getVault(vaultId));
      const vault = await UnlockedVault.open({
        vaultId,
        files,
        userId: LOCAL_USER_ID,
        keys,
        trusted: [keys.verifying],
      });
      return { vaultId, files, vault };
    }),
  );
}

/** The vault that the person's own secrets go to. */
export async function openPersonalVault(api: LocalApi, passphrase: Secret): Promise<OpenedVault> {
  const [first] = await openVaults(api, await unlockLocalUser(api, passphrase));
  if (!first) throw new AileronError('VAULT_NOT_INITIALISED');
  return first;
}
