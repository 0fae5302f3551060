import type { VaultStoreService as VaultStoreContract } from '@aileron/contracts/grpc';
import type { ServiceImpl } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { VaultStoreService } from './vault-store.service.js';

type Methods = ServiceImpl<typeof VaultStoreContract>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

@Injectable()
export class VaultStoreGrpc implements Methods {
  constructor(@Inject(VaultStoreService) private readonly store: VaultStoreService) {}

  async getVault({ tenantId, vaultId, unlessManifestSha256 }: Request<'getVault'>) {
    const known = { tenantId, vaultId, manifestSha256: unlessManifestSha256 };
    if (unlessManifestSha256 !== '' && (await this.store.hasManifest(known))) return { files: [], unchanged: true };
    const content = await this.store.getVault({ tenantId, vaultId });
    return { files: [...content].map(([path, bytes]) => ({ path, content: bytes })), unchanged: false };
  }

  async getUser({ tenantId, userId }: Request<'getUser'>) {
    return { content: await this.store.getUser({ tenantId, userId }) };
  }
}
