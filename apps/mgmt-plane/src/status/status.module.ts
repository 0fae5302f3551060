import { Module } from '@nestjs/common';
import { ApprovalsModule } from '../approvals/approvals.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { BundlesModule } from '../bundles/bundles.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { VaultStoreModule } from '../vault-store/vault-store.module.js';
import { StatusHttp } from './status.http.js';
import { StatusService } from './status.service.js';

@Module({
  imports: [ApprovalsModule, AuditModule, BundlesModule, IdentityModule, SessionsModule, VaultStoreModule],
  controllers: [StatusHttp],
  providers: [StatusService],
})
export class StatusModule {}
