import { type Approval, ApprovalState, type ApprovalService } from '@aileron/contracts/grpc';
import { type Client } from '@aileron/service-host';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Approvals, type StoredApproval } from '../ports/approvals.port.js';

/** Durable approvals of the management plane, over the contract. */
export class GrpcApprovals implements Approvals {
  constructor(private readonly client: Client<typeof ApprovalService>) {}

  async request({ signal, ...input }: Parameters<Approvals['request']>[0]): Promise<StoredApproval> {
    return toStored(await this.client.request(input, { signal }));
  }

  async *watch({ signal, ...input }: Parameters<Approvals['watch']>[0]): AsyncGenerator<StoredApproval> {
    for await (const approval of this.client.watch(input, { signal })) yield toStored(approval);
  }

  async consume({ signal, ...input }: Parameters<Approvals['consume']>[0]): Promise<void> {
    await this.client.consume(input, { signal });
  }
}

const STATES: Readonly<Partial<Record<ApprovalState, StoredApproval['state']>>> = {
  [ApprovalState.PENDING]: 'pending',
  [ApprovalState.APPROVED]: 'approved',
  [ApprovalState.DENIED]: 'denied',
  [ApprovalState.EXPIRED]: 'expired',
  [ApprovalState.CANCELLED]: 'cancelled',
  [ApprovalState.CONSUMED]: 'consumed',
};

/** A state that this version does not know is none that lets anything pass. */
export const approvalState = (state: ApprovalState): StoredApproval['state'] => STATES[state] ?? 'cancelled';

function toStored({ approvalId, sessionId, digest, rule, state, expiresAt, decision }: Approval): StoredApproval {
  return {
    approvalId,
    sessionId,
    digest,
    rule,
    state: approvalState(state),
    expiresAt: expiresAt === undefined ? 0 : timestampMs(expiresAt),
    decision,
  };
}
