import { type VaultStoreService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { type Client } from '@aileron/service-host';
import { type VaultFiles } from '@aileron/vault';
import { type VaultStore } from '../ports/vault-store.port.js';

/** A vault has at most 500 credentials of two files and 200 members. */
const MAX_FILES = 2_000;

/** The vault store of mgmt-plane. What it answers is checked by whoever opens it. */
export class MgmtVaultStore implements VaultStore {
  constructor(private readonly client: Client<typeof VaultStoreService>) {}

  async vault(input: Parameters<VaultStore['vault']>[0]): Promise<VaultFiles | null> {
    const { tenantId, vaultId, unlessManifestSha256, signal } = input;
    const request = { tenantId, vaultId, unlessManifestSha256: unlessManifestSha256 ?? '' };
    const { files, unchanged } = await this.client.getVault(request, { signal });
    if (unchanged && unlessManifestSha256 !== null) return null;
    if (files.length > MAX_FILES) throw new AileronError('VAULT_TAMPERED', { reason: 'too-many-files', vaultId });
    return new Map(files.map(({ path, content }) => [path, content]));
  }

  async user({ tenantId, userId, signal }: Parameters<VaultStore['user']>[0]): Promise<Uint8Array> {
    return (await this.client.getUser({ tenantId, userId }, { signal })).content;
  }
}
