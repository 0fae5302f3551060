import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { ApprovalsGrpc } from './approvals.grpc.js';
import { ApprovalsHttp } from './approvals.http.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { ApprovalsService } from './approvals.service.js';

@Module({
  imports: [IdentityModule, SessionsModule],
  controllers: [ApprovalsHttp],
  providers: [ApprovalsRepository, ApprovalsService, ApprovalsGrpc],
  exports: [ApprovalsService],
})
export class ApprovalsModule {}
