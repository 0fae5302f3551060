import 'reflect-metadata';
import { type ServiceDefinition } from '@aileron/service-host';
import { GatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { VERSION } from './version.js';

/** The one origin for browsers. It has no gRPC of its own and speaks REST to the others. */
export const gateway: ServiceDefinition<GatewayConfig> = {
  name: 'gateway',
  version: VERSION,
  config: GatewayConfig,
  module: (input) => GatewayModule.with(input),
};

export { type EndorseBrowser } from './config.js';
export { GatewayServer } from './gateway.server.js';
export { type GatewayConfig } from './config.js';
