import { VaultStoreService } from '@aileron/contracts/grpc';
import { type Client, clientToken, type Platform } from '@aileron/service-host';
import { type DynamicModule, Module } from '@nestjs/common';
import { MgmtVaultStore } from './adapters/mgmt-vault-store.js';
import { PrometheusDecryptMeter } from './adapters/prometheus-decrypt-meter.js';
import { CONFIG } from './config-token.js';
import { type CredentialServiceConfig } from './config.js';
import { DecryptModule } from './decrypt/decrypt.module.js';
import { LeasesModule } from './leases/leases.module.js';
import { DECRYPT_METER } from './ports/decrypt-meter.port.js';
import { VAULT_STORE } from './ports/vault-store.port.js';

/** Both slices, over the ports' adapters. */
@Module({})
export class CredentialServiceModule {
  static with({ config, platform }: { config: CredentialServiceConfig; platform: Platform }): DynamicModule {
    return {
      module: CredentialServiceModule,
      global: true,
      imports: [LeasesModule, DecryptModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: DECRYPT_METER, useValue: new PrometheusDecryptMeter(platform.metrics) },
        {
          provide: VAULT_STORE,
          useFactory: (client: Client<typeof VaultStoreService>) => new MgmtVaultStore(client),
          inject: [clientToken(VaultStoreService)],
        },
      ],
      exports: [CONFIG, DECRYPT_METER, VAULT_STORE],
    };
  }
}
