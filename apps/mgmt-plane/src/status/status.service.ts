import { Inject, Injectable } from '@nestjs/common';
import type { ServiceStatus } from '@aileron/contracts/rest';
import { ApprovalsService } from '../approvals/approvals.service.js';
import { AuditService } from '../audit/audit.service.js';
import { BundlesService } from '../bundles/bundles.service.js';
import { InstalledConnectors } from '../bundles/installed-connectors.js';
import { IdentityService } from '../identity/identity.service.js';
import { CLOCK, type Clock } from '@aileron/service-host';
import { SessionsService } from '../sessions/sessions.service.js';
import { VaultStoreService } from '../vault-store/vault-store.service.js';
import { VERSION } from '../version.js';

/** Whether each is locked is asked of credential-service, one call each. */
const MOST_SESSIONS_ASKED = 200;

@Injectable()
export class StatusService {
  readonly #startedAt: string;

  constructor(
    @Inject(CLOCK) clock: Clock,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(BundlesService) private readonly bundles: BundlesService,
    @Inject(InstalledConnectors) private readonly connectors: InstalledConnectors,
    @Inject(VaultStoreService) private readonly store: VaultStoreService,
  ) {
    this.#startedAt = new Date(clock.now()).toISOString();
  }

  async read(): Promise<ServiceStatus> {
    const { tenantId, userId, userName } = this.identity.localCaller;
    const [vaultInitialised, active, locked, pending, records] = await Promise.all([
      this.store.hasUser({ tenantId, userId }),
      this.sessions.count({ tenantId, state: 'active' }),
      this.#countLocked(tenantId),
      this.approvals.countPending(tenantId),
      this.audit.countRecords(tenantId),
    ]);
    return {
      version: VERSION,
      startedAt: this.#startedAt,
      tenantId,
      user: { userId, name: userName, vaultInitialised },
      policyVersion: this.bundles.current.policy.version,
      connectors: this.connectors.all.map(({ name, version, operations }) => {
        return { name, version, operations: operations.length };
      }),
      sessions: { active, locked },
      approvals: { pending },
      audit: { records },
    };
  }

  async #countLocked(tenantId: string): Promise<number> {
    const sessions = await this.sessions.list({ tenantId, state: 'active', limit: MOST_SESSIONS_ASKED });
    const locked = await Promise.all(sessions.map((session) => this.sessions.isLocked(session)));
    return locked.filter(Boolean).length;
  }
}
