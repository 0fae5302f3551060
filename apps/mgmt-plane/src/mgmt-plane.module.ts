import { type DynamicModule, Module } from '@nestjs/common';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { AuditModule } from './audit/audit.module.js';
import { BundlesModule } from './bundles/bundles.module.js';
import { CatalogueModule } from './catalogue/catalogue.module.js';
import type { MgmtPlaneConfig } from './config.js';
import { CoreModule } from './core.module.js';
import { DataPlaneModule } from './data-plane/data-plane.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { LeasesModule } from './leases/leases.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { ChangeNoticesRepository } from './signals/change-notices.repository.js';
import { ChangeRelay } from './signals/change-relay.js';
import { StatusModule } from './status/status.module.js';
import { SweepJobs } from './sweep.jobs.js';
import { VaultStoreModule } from './vault-store/vault-store.module.js';
import { WorkspaceSessionsModule } from './workspace-sessions/workspace-sessions.module.js';

/** The whole service in one file. */
@Module({
  imports: [
    IdentityModule,
    SessionsModule,
    DataPlaneModule,
    BundlesModule,
    ApprovalsModule,
    AuditModule,
    CatalogueModule,
    VaultStoreModule,
    LeasesModule,
    StatusModule,
    WorkspaceSessionsModule,
  ],
  providers: [SweepJobs, ChangeRelay, ChangeNoticesRepository],
})
export class MgmtPlaneModule {
  static with(config: MgmtPlaneConfig): DynamicModule {
    return { module: MgmtPlaneModule, imports: [CoreModule.with(config)] };
  }
}
