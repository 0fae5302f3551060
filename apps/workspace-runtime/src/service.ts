import 'reflect-metadata';
import { RuntimeService } from '@aileron/contracts/grpc';
import { type ServiceDefinition } from '@aileron/service-host';
import { WorkspaceRuntimeConfig } from './config.js';
import { RuntimeGrpc } from './runtime.grpc.js';
import { VERSION } from './version.js';
import { WorkspaceRuntimeModule } from './workspace-runtime.module.js';

/** The runtime of one workspace, as another user than its agents. */
export const workspaceRuntime: ServiceDefinition<WorkspaceRuntimeConfig> = {
  name: 'workspace-runtime',
  version: VERSION,
  config: WorkspaceRuntimeConfig,
  module: ({ config }) => WorkspaceRuntimeModule.with(config),
  grpc: [{ service: RuntimeService, provider: RuntimeGrpc }],
};

export { type WorkspaceRuntimeConfig } from './config.js';
