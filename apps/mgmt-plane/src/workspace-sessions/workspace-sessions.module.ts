import { Module } from '@nestjs/common';
import { BundlesModule } from '../bundles/bundles.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsageRepository } from './usage.repository.js';
import { WorkspaceSessionsGrpc } from './workspace-sessions.grpc.js';
import { WorkspaceSessionsService } from './workspace-sessions.service.js';

@Module({
  imports: [IdentityModule, SessionsModule, BundlesModule],
  providers: [WorkspaceSessionsGrpc, WorkspaceSessionsService, UsageRepository],
})
export class WorkspaceSessionsModule {}
