import { createMgmtDatabase, type MgmtDatabaseClient, type MgmtPrisma } from '@aileron/database/mgmt';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';

/** The one Prisma client of this service; repositories alone use it. */
@Injectable()
export class MgmtDatabase implements OnApplicationShutdown {
  readonly prisma: MgmtPrisma;
  readonly executeBulk: MgmtDatabaseClient['executeBulk'];

  constructor(@Inject(CONFIG) config: MgmtPlaneConfig) {
    const { prisma, executeBulk } = createMgmtDatabase({ url: config.databaseUrl });
    this.prisma = prisma;
    this.executeBulk = executeBulk;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
