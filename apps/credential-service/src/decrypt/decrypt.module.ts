import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module.js';
import { DecryptGrpc } from './decrypt.grpc.js';
import { DecryptService } from './decrypt.service.js';
import { VaultCache } from './vault-cache.js';

@Module({ imports: [LeasesModule], providers: [VaultCache, DecryptService, DecryptGrpc] })
export class DecryptModule {}
