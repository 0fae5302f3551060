import 'reflect-metadata';
import { DecryptService, LeaseService, VaultStoreService } from '@aileron/contracts/grpc';
import { type ServiceDefinition } from '@aileron/service-host';
import { CredentialServiceConfig } from './config.js';
import { CredentialServiceModule } from './credential-service.module.js';
import { DecryptGrpc } from './decrypt/decrypt.grpc.js';
import { LeasesGrpc } from './leases/leases.grpc.js';
import { VERSION } from './version.js';

/** Session keys in memory; one credential for one request. gRPC only. */
export const credentialService: ServiceDefinition<CredentialServiceConfig> = {
  name: 'credential-service',
  version: VERSION,
  config: CredentialServiceConfig,
  module: (input) => CredentialServiceModule.with(input),
  grpc: [
    { service: LeaseService, provider: LeasesGrpc },
    { service: DecryptService, provider: DecryptGrpc },
  ],
  needs: [VaultStoreService],
};

export { type CredentialServiceConfig } from './config.js';
