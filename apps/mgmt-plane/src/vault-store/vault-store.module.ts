import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { VaultStoreGrpc } from './vault-store.grpc.js';
import { VaultStoreService } from './vault-store.service.js';
import { VaultsHttp } from './vaults.http.js';

@Module({
  imports: [IdentityModule],
  controllers: [VaultsHttp],
  providers: [VaultStoreService, VaultStoreGrpc],
  exports: [VaultStoreService],
})
export class VaultStoreModule {}
