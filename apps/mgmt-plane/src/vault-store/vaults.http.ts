import { RequireLocalToken } from '@aileron/auth';
import {
  type ListVaultsResponse,
  PutUserRequest,
  PutVaultRequest,
  type UserFile,
  UserId,
  VaultFilePath,
  type VaultFiles,
  VaultId,
} from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { ZodBody, ZodParam } from '@aileron/service-host';
import { Controller, Get, Inject, Put } from '@nestjs/common';
import { IdentityService } from '../identity/identity.service.js';
import { ChangeSignal } from '../signals/change-signal.js';
import { VAULTS } from '../signals/topics.js';
import { VaultStoreService } from './vault-store.service.js';

@Controller('v1')
export class VaultsHttp {
  constructor(
    @Inject(VaultStoreService) private readonly store: VaultStoreService,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(ChangeSignal) private readonly changes: ChangeSignal,
  ) {}

  @Get('vaults')
  @RequireLocalToken()
  async list(): Promise<ListVaultsResponse> {
    return { vaults: await this.store.listVaults(this.#tenantId) };
  }

  @Get('vaults/:vaultId')
  @RequireLocalToken()
  async getVault(@ZodParam('vaultId', VaultId) vaultId: VaultId): Promise<VaultFiles> {
    const content = await this.store.getVault({ tenantId: this.#tenantId, vaultId });
    const files = [...content].map(([path, bytes]) => ({
      path: VaultFilePath.parse(path),
      contentBase64: Buffer.from(bytes).toString('base64'),
    }));
    return { vaultId, files };
  }

  @Put('vaults/:vaultId')
  @RequireLocalToken()
  async putVault(
    @ZodParam('vaultId', VaultId) vaultId: VaultId,
    @ZodBody(PutVaultRequest) { expectedManifestSha256, files }: PutVaultRequest,
  ): Promise<VaultFiles> {
    const content = new Map(files.map(({ path, contentBase64 }) => [path, Buffer.from(contentBase64, 'base64')]));
    if (content.size !== files.length) {
      throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'files', message: 'a path is there twice' }] });
    }
    await this.store.putVault({ tenantId: this.#tenantId, vaultId, expectedManifestSha256, content });
    this.changes.notify(VAULTS);
    return { vaultId, files };
  }

  @Get('users/:userId')
  @RequireLocalToken()
  async getUser(@ZodParam('userId', UserId) userId: UserId): Promise<UserFile> {
    const content = await this.store.getUser({ tenantId: this.#tenantId, userId });
    return { userId, contentBase64: Buffer.from(content).toString('base64') };
  }

  @Put('users/:userId')
  @RequireLocalToken()
  async putUser(
    @ZodParam('userId', UserId) userId: UserId,
    @ZodBody(PutUserRequest) { expectedSha256, contentBase64 }: PutUserRequest,
  ): Promise<UserFile> {
    const content = Buffer.from(contentBase64, 'base64');
    await this.store.putUser({ tenantId: this.#tenantId, userId, expectedSha256, content });
    return { userId, contentBase64 };
  }

  get #tenantId(): string {
    return this.identity.localCaller.tenantId;
  }
}
