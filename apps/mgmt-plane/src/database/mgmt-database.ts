import { createMgmtPrisma, type MgmtPrisma } from '@aileron/database/mgmt';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';

/** The one Prisma client of this service; repositories alone use it. */
@Injectable()
export class MgmtDatabase implements OnApplicationShutdown {
  readonly prisma: MgmtPrisma;

  constructor(@Inject(CONFIG) config: MgmtPlaneConfig) {
    this.prisma = createMgmtPrisma({ url: config.databaseUrl });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
