import { type ApprovalService, type AuditService } from '@aileron/contracts/grpc';
import { type Client } from '@aileron/service-host';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { type OwnApproval, type OwnRecords } from '../ports/own-records.port.js';
import { approvalState } from './grpc-approvals.js';

/** What the management plane holds about one session. */
export class GrpcOwnRecords implements OwnRecords {
  constructor(
    private readonly approvalClient: Client<typeof ApprovalService>,
    private readonly auditClient: Client<typeof AuditService>,
  ) {}

  async approvals({ signal, ...session }: Parameters<OwnRecords['approvals']>[0]): Promise<readonly OwnApproval[]> {
    const { approvals } = await this.approvalClient.listBySession(session, { signal });
    return approvals
      .filter(({ sessionId, tenantId }) => sessionId === session.sessionId && tenantId === session.tenantId)
      .map(({ approvalId, operation, rule, state, createdAt, expiresAt, decidedAt, reason }) => {
        const times = { createdAt: iso(createdAt), expiresAt: iso(expiresAt), decidedAt: iso(decidedAt) || null };
        return { approvalId, operation, rule, state: approvalState(state), ...times, reason: reason || null };
      });
  }

  async audit({ signal, ...query }: Parameters<OwnRecords['audit']>[0]): Promise<readonly Uint8Array[]> {
    return (await this.auditClient.queryBySession(query, { signal })).lines;
  }
}

const iso = (time: Timestamp | undefined) => (time === undefined ? '' : timestampDate(time).toISOString());
