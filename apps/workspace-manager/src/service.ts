import 'reflect-metadata';
import { hashToken } from '@aileron/auth';
import { WorkspaceSessionService } from '@aileron/contracts/grpc';
import type { ServiceDefinition } from '@aileron/service-host';
import { WorkspaceManagerConfig } from './config.js';
import { StreamLimit } from './routes/stream-limit.js';
import { VERSION } from './version.js';
import { WorkspaceManagerModule } from './workspace-manager.module.js';
import { WorkspacesRepository } from './workspaces/workspaces.repository.js';

export type { WorkspaceManagerConfig } from './config.js';
export { WORKSPACE_JOBS } from './workspaces/workspace-change.js';

/** A file of 4 MiB as JSON, every character of it escaped. */
const LARGEST_BODY_BYTES = 26 * 1_024 * 1_024;

/** Workspaces: their lifecycle, their agents, and the way of pages to both. */
export const workspaceManager: ServiceDefinition<WorkspaceManagerConfig> = {
  name: 'workspace-manager',
  version: VERSION,
  config: WorkspaceManagerConfig,
  module: ({ config }) => WorkspaceManagerModule.with(config),
  http: ({ host, port, localToken, allowedOrigins }) => ({
    host,
    port,
    bodyLimitBytes: LARGEST_BODY_BYTES,
    access: { tokenSha256: hashToken(localToken.exposeString()), allowedOrigins },
  }),
  closing: (context) => context.get(StreamLimit, { strict: false }).closeAll(),
  needs: [WorkspaceSessionService],
  ready: (context) =>
    context
      .get(WorkspacesRepository, { strict: false })
      .ping()
      .then(() => true),
};
