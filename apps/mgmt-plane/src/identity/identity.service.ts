import { AileronError } from '@aileron/errors';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import { CLOCK, type Clock } from '@aileron/service-host';
import { IdentityRepository } from './identity.repository.js';

/** The tenant and the person that a call with the local token acts for. */
export interface Caller {
  readonly tenantId: string;
  readonly userId: string;
  readonly userName: string;
}

/** With login off there is one tenant with one person, whoever holds the local token. */
@Injectable()
export class IdentityService implements OnModuleInit {
  readonly localCaller: Caller;

  constructor(
    @Inject(CONFIG) private readonly config: MgmtPlaneConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IdentityRepository) private readonly identities: IdentityRepository,
  ) {
    const { tenant, user } = config;
    this.localCaller = { tenantId: tenant.tenantId, userId: user.userId, userName: user.name };
  }

  /** A person of this installation by id. NOT_FOUND for anybody else. */
  async find({ tenantId, userId }: Pick<Caller, 'tenantId' | 'userId'>): Promise<Caller> {
    const userName =
      tenantId === this.config.tenant.tenantId ? await this.identities.findAccountName({ tenantId, userId }) : null;
    if (userName === null) throw new AileronError('NOT_FOUND', { part: 'user' });
    return { tenantId, userId, userName };
  }

  async onModuleInit(): Promise<void> {
    const now = new Date(this.clock.now());
    const { tenant, user } = this.config;
    await this.identities.ensureTenant({ ...tenant, now });
    await this.identities.ensureAccount({ tenantId: tenant.tenantId, ...user, now });
  }
}
