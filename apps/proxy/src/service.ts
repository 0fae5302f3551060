import 'reflect-metadata';
import { type ServiceDefinition } from '@aileron/service-host';
import { ProxyConfig } from './config.js';
import { ProxyModule } from './proxy.module.js';
import { ProxyRuntime } from './proxy.runtime.js';
import { VERSION } from './version.js';

/** The HTTPS forward proxy. It serves its sessions' Unix sockets; to other services it is only a caller. */
export const proxy: ServiceDefinition<ProxyConfig> = {
  name: 'proxy',
  version: VERSION,
  config: ProxyConfig,
  module: (input) => ProxyModule.with(input),
  needs: ProxyModule.needs,
  ready: (context) => context.get(ProxyRuntime, { strict: false }).serving,
};

export { type ProxyConfig, type ProxyConfigInput } from './config.js';
