import { hashToken } from '@aileron/auth';
import {
  ApprovalService,
  AuditService,
  DataPlaneService,
  LeaseService,
  VaultStoreService,
  WorkspaceSessionService,
} from '@aileron/contracts/grpc';
import type { ServiceDefinition } from '@aileron/service-host';
import { ApprovalsGrpc } from './approvals/approvals.grpc.js';
import { AuditGrpc } from './audit/audit.grpc.js';
import { MgmtPlaneConfig } from './config.js';
import { DataPlaneGrpc } from './data-plane/data-plane.grpc.js';
import { IdentityRepository } from './identity/identity.repository.js';
import { MgmtPlaneModule } from './mgmt-plane.module.js';
import { VaultStoreGrpc } from './vault-store/vault-store.grpc.js';
import { VERSION } from './version.js';
import { WorkspaceSessionsGrpc } from './workspace-sessions/workspace-sessions.grpc.js';

export type { MgmtPlaneConfig } from './config.js';

/** A vault of 16 MiB as base64 in JSON. */
const LARGEST_BODY_BYTES = 24 * 1_024 * 1_024;

/** Identity, sessions, policy, approvals, audit, catalogue and the vault store. */
export const mgmtPlane: ServiceDefinition<MgmtPlaneConfig> = {
  name: 'mgmt-plane',
  version: VERSION,
  config: MgmtPlaneConfig,
  module: ({ config }) => MgmtPlaneModule.with(config),
  grpc: [
    { service: DataPlaneService, provider: DataPlaneGrpc },
    { service: ApprovalService, provider: ApprovalsGrpc },
    { service: AuditService, provider: AuditGrpc },
    { service: VaultStoreService, provider: VaultStoreGrpc },
    { service: WorkspaceSessionService, provider: WorkspaceSessionsGrpc },
  ],
  http: ({ host, port, localToken, allowedOrigins }) => ({
    host,
    port,
    bodyLimitBytes: LARGEST_BODY_BYTES,
    access: { tokenSha256: hashToken(localToken.exposeString()), allowedOrigins },
  }),
  needs: [LeaseService],
  ready: (context) =>
    context
      .get(IdentityRepository, { strict: false })
      .ping()
      .then(() => true),
};
