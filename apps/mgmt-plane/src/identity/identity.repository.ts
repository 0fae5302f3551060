import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';

@Injectable()
export class IdentityRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  async ensureTenant(tenant: { tenantId: string; name: string; now: Date }): Promise<void> {
    const { tenantId, name, now } = tenant;
    await this.database.prisma.tenant.upsert({
      where: { tenantId },
      create: { tenantId, name, createdAt: now },
      update: { name },
    });
  }

  async ensureAccount(account: { tenantId: string; userId: string; name: string; now: Date }): Promise<void> {
    const { tenantId, userId, name, now } = account;
    await this.database.prisma.account.upsert({
      where: { tenantId_userId: { tenantId, userId } },
      create: { tenantId, userId, name, createdAt: now },
      update: { name },
    });
  }

  /** Null when there is no such person in the tenant. */
  async findAccountName(key: { tenantId: string; userId: string }): Promise<string | null> {
    const found = await this.database.prisma.account.findUnique({
      where: { tenantId_userId: key },
      select: { name: true },
    });
    return found?.name ?? null;
  }

  /** Throws DATABASE_UNAVAILABLE. */
  async ping(): Promise<void> {
    await this.database.prisma.$queryRaw`SELECT 1`;
  }
}
