import 'reflect-metadata';
import { TerminalService } from '@aileron/contracts/grpc';
import { type ServiceDefinition } from '@aileron/service-host';
import { WorkspaceTerminalConfig } from './config.js';
import { TerminalsGrpc } from './terminals.grpc.js';
import { VERSION } from './version.js';
import { WorkspaceTerminalModule } from './workspace-terminal.module.js';

/** The terminals of one workspace. They outlive whoever looks at them, and the manager. */
export const workspaceTerminal: ServiceDefinition<WorkspaceTerminalConfig> = {
  name: 'workspace-terminal',
  version: VERSION,
  config: WorkspaceTerminalConfig,
  module: ({ config }) => WorkspaceTerminalModule.with(config),
  grpc: [{ service: TerminalService, provider: TerminalsGrpc }],
};

export { type WorkspaceTerminalConfig } from './config.js';
