import { type ApprovalSchema, type ApprovalService, ApprovalState } from '@aileron/contracts/grpc';
import type { ApprovalState as StateName } from '@aileron/contracts/rest';
import type { CallContext, ServiceImpl } from '@aileron/service-host';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import type { ApprovalRow } from './approval.js';
import { ApprovalsService } from './approvals.service.js';

type Methods = ServiceImpl<typeof ApprovalService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];
type ApprovalInit = MessageInitShape<typeof ApprovalSchema>;

const MOST_LISTED = 100;

@Injectable()
export class ApprovalsGrpc implements Methods {
  constructor(@Inject(ApprovalsService) private readonly approvals: ApprovalsService) {}

  async request(request: Request<'request'>): Promise<ApprovalInit> {
    const { tenantId, sessionId, digest, operation, rule, preview, ttlSeconds } = request;
    return toMessage(
      await this.approvals.request({ tenantId, sessionId, digest, operation, rule, preview, ttlSeconds }),
    );
  }

  async *watch({ tenantId, approvalId }: Request<'watch'>, { signal }: CallContext): AsyncGenerator<ApprovalInit> {
    for await (const approval of this.approvals.watch({ tenantId, approvalId }, signal)) yield toMessage(approval);
  }

  async consume({ tenantId, approvalId, digest }: Request<'consume'>): Promise<ApprovalInit> {
    return toMessage(await this.approvals.consume({ tenantId, approvalId, digest }));
  }

  async listBySession({ tenantId, sessionId }: Request<'listBySession'>) {
    const approvals = await this.approvals.list({ tenantId, sessionId, limit: MOST_LISTED });
    return { approvals: approvals.map(toMessage) };
  }
}

const STATES: Readonly<Record<StateName, ApprovalState>> = {
  pending: ApprovalState.PENDING,
  approved: ApprovalState.APPROVED,
  denied: ApprovalState.DENIED,
  expired: ApprovalState.EXPIRED,
  cancelled: ApprovalState.CANCELLED,
  consumed: ApprovalState.CONSUMED,
};

function toMessage(row: ApprovalRow): ApprovalInit {
  return {
    tenantId: row.tenantId,
    approvalId: row.approvalId,
    sessionId: row.sessionId,
    digest: row.digest,
    operation: row.operation,
    rule: row.rule,
    preview: row.preview,
    state: STATES[row.state],
    createdAt: timestampFromDate(row.createdAt),
    expiresAt: timestampFromDate(row.expiresAt),
    ...(row.decidedAt && { decidedAt: timestampFromDate(row.decidedAt) }),
    decidedBy: row.decidedBy ?? '',
    reason: row.reason ?? '',
    decision: row.decision ?? new Uint8Array(),
  };
}
