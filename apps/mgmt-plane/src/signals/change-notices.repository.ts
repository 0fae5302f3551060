import { connectSession, type SessionConnection } from '@aileron/database/mgmt';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import { MgmtDatabase } from '../database/mgmt-database.js';

const CHANNEL = 'aileron_mgmt_changes';

/** Notices between the processes of this service: NOTIFY and LISTEN of the database that they share. */
@Injectable()
export class ChangeNoticesRepository {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<MgmtPlaneConfig, 'databaseUrl'>,
    @Inject(MgmtDatabase) private readonly database: MgmtDatabase,
  ) {}

  /** At most 8,000 bytes. */
  async send(payload: string): Promise<void> {
    await this.database.prisma.$queryRaw`SELECT pg_notify(${CHANNEL}, ${payload})::text`;
  }

  /** DATABASE_UNAVAILABLE. */
  listen(onNotice: (payload: string) => void): Promise<SessionConnection> {
    const { databaseUrl: url } = this.config;
    return connectSession({ url, channel: CHANNEL, applicationName: 'aileron-mgmt-plane-changes', onNotice });
  }
}
