import { Module } from '@nestjs/common';
import { BundlesModule } from '../bundles/bundles.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { DataPlaneGrpc } from './data-plane.grpc.js';
import { DataPlaneService } from './data-plane.service.js';

@Module({
  imports: [BundlesModule, IdentityModule, SessionsModule],
  providers: [DataPlaneService, DataPlaneGrpc],
})
export class DataPlaneModule {}
