import {
  createWorkspaceDatabase,
  type WorkspaceDatabaseClient,
  type WorkspacePrisma,
} from '@aileron/database/workspace';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';

/** The one pool of connections of this service; repositories alone use it. */
@Injectable()
export class WorkspaceDatabase implements OnApplicationShutdown {
  readonly prisma: WorkspacePrisma;
  readonly run: WorkspaceDatabaseClient['run'];

  constructor(@Inject(CONFIG) config: Pick<WorkspaceManagerConfig, 'databaseUrl'>) {
    const { prisma, run } = createWorkspaceDatabase({ url: config.databaseUrl });
    this.prisma = prisma;
    this.run = run;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
