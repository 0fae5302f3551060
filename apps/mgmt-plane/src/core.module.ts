import { LeaseService } from '@aileron/contracts/grpc';
import { type Client, clientToken } from '@aileron/service-host';
import { type DynamicModule, Module } from '@nestjs/common';
import { LeaseAdapter } from './adapters/lease.adapter.js';
import { systemTimer } from './adapters/system-timer.js';
import { CONFIG, type MgmtPlaneConfig } from './config.js';
import { MgmtDatabase } from './database/mgmt-database.js';
import { LEASE_PORT } from './ports/lease.port.js';
import { TIMER } from './ports/timer.js';
import { ChangeSignal } from './signals/change-signal.js';

/** What every slice may ask for: configuration, time, the database, the way to credential-service. */
@Module({})
export class CoreModule {
  static with(config: MgmtPlaneConfig): DynamicModule {
    const provided = [
      { provide: CONFIG, useValue: config },
      { provide: TIMER, useValue: systemTimer },
      {
        provide: LEASE_PORT,
        inject: [clientToken(LeaseService)],
        useFactory: (client: Client<typeof LeaseService>) => new LeaseAdapter(client),
      },
      MgmtDatabase,
      ChangeSignal,
    ];
    const exported = [CONFIG, TIMER, LEASE_PORT, MgmtDatabase, ChangeSignal];
    return { module: CoreModule, global: true, providers: provided, exports: exported };
  }
}
