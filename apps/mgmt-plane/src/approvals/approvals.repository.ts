import { ApprovalState } from '@aileron/contracts/rest';
import { isUniqueViolation } from '@aileron/database';
import { inTransaction } from '@aileron/database/mgmt';
import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';
import type { SessionKey } from '../ports/lease.port.js';
import type { ApprovalKey, ApprovalRow } from './approval.js';

/** What a proxy asks by. */
export interface ApprovalRequest extends SessionKey {
  readonly digest: Uint8Array;
  readonly rule: string;
}

export type NewApproval = Pick<
  ApprovalRow,
  | 'tenantId'
  | 'approvalId'
  | 'sessionId'
  | 'agent'
  | 'digest'
  | 'operation'
  | 'rule'
  | 'preview'
  | 'createdAt'
  | 'expiresAt'
>;

@Injectable()
export class ApprovalsRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  async find({ tenantId, approvalId }: ApprovalKey): Promise<ApprovalRow | null> {
    const row = await this.database.prisma.approval.findUnique({
      where: { tenantId_approvalId: { tenantId, approvalId } },
    });
    return row && toApproval(row);
  }

  /** The one a new request meets, whatever its expiry says. */
  async findOpen(request: ApprovalRequest): Promise<ApprovalRow | null> {
    const row = await this.database.prisma.approval.findFirst({ where: openOf(request) });
    return row && toApproval(row);
  }

  /**
   * Inserts a pending approval if the session is alive and has fewer than `mostPending`. The row of the session is
   * locked meanwhile: its end, and other requests of it, wait.
   * @returns what happened; `raced` when an open one was there already
   */
  async insert(
    approval: NewApproval,
    mostPending: number,
  ): Promise<'inserted' | 'raced' | 'session-ended' | 'too-many'> {
    const { tenantId, sessionId } = approval;
    const data = { ...approval, digest: copy(approval.digest), preview: copy(approval.preview) };
    try {
      return await inTransaction(this.database.prisma, async (transaction) => {
        const alive = await transaction.$queryRaw<unknown[]>`
          SELECT 1 FROM mgmt.session WHERE tenant_id = ${tenantId} AND session_id = ${sessionId}
          AND state = 'active' AND expires_at > ${approval.createdAt} FOR UPDATE`;
        if (alive.length === 0) return 'session-ended';
        const pending = await transaction.approval.count({
          where: { tenantId, sessionId, state: 'pending', open: true },
        });
        if (pending >= mostPending) return 'too-many';
        await transaction.approval.create({ data: { ...data, state: 'pending', open: true } });
        return 'inserted';
      });
    } catch (error) {
      if (isUniqueViolation(error)) return 'raced';
      throw error;
    }
  }

  /** Closes what is past its expiry: pending and approved become expired, a denial stops sticking. @returns the ids */
  async expire(input: {
    now: Date;
    limit: number;
    request?: ApprovalRequest;
    key?: ApprovalKey;
  }): Promise<ApprovalKey[]> {
    const { prisma } = this.database;
    const where = {
      ...(input.request && openOf(input.request)),
      ...input.key,
      open: true,
      expiresAt: { lte: input.now },
    };
    const due = await prisma.approval.findMany({
      where,
      select: { tenantId: true, approvalId: true },
      orderBy: { expiresAt: 'asc' },
      take: input.limit,
    });
    for (const key of due) {
      await prisma.approval.updateMany({
        where: { ...where, ...key, state: { in: ['pending', 'approved'] } },
        data: { state: 'expired', open: false },
      });
      await prisma.approval.updateMany({ where: { ...where, ...key, state: 'denied' }, data: { open: false } });
    }
    return due;
  }

  /** pending → approved or denied. @returns false when it is in any other state, or past its time */
  async decide(
    input: ApprovalKey & {
      state: 'approved' | 'denied';
      now: Date;
      expiresAt: Date;
      decidedAt: Date;
      decidedBy: string;
      reason: string | null;
      decision: Uint8Array;
    },
  ): Promise<boolean> {
    const { tenantId, approvalId, now, decision, ...data } = input;
    const { count } = await this.database.prisma.approval.updateMany({
      where: { tenantId, approvalId, state: 'pending', open: true, expiresAt: { gt: now } },
      data: { ...data, decision: copy(decision) },
    });
    return count === 1;
  }

  /** approved → consumed, once: whoever else comes sees false. */
  async consume(input: ApprovalKey & { digest: Uint8Array; now: Date }): Promise<boolean> {
    const { tenantId, approvalId, digest, now } = input;
    const { count } = await this.database.prisma.approval.updateMany({
      where: { tenantId, approvalId, digest: copy(digest), state: 'approved', open: true, expiresAt: { gt: now } },
      data: { state: 'consumed', open: false, consumedAt: now },
    });
    return count === 1;
  }

  /** Newest first. */
  async list(input: {
    tenantId: string;
    sessionId?: string | undefined;
    state?: ApprovalState | undefined;
    limit: number;
  }): Promise<ApprovalRow[]> {
    const { tenantId, sessionId, state, limit } = input;
    const rows = await this.database.prisma.approval.findMany({
      where: { tenantId, ...(sessionId !== undefined && { sessionId }), ...(state !== undefined && { state }) },
      orderBy: [{ createdAt: 'desc' }, { approvalId: 'desc' }],
      take: limit,
    });
    return rows.map(toApproval);
  }

  async countPending(tenantId: string): Promise<number> {
    return this.database.prisma.approval.count({ where: { tenantId, state: 'pending' } });
  }
}

function openOf({ tenantId, sessionId, digest, rule }: ApprovalRequest) {
  return { tenantId, sessionId, digest: copy(digest), rule, open: true };
}

/** Prisma takes bytes on an ArrayBuffer of their own. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function toApproval(row: Omit<ApprovalRow, 'state'> & { state: string }): ApprovalRow {
  return { ...row, state: ApprovalState.parse(row.state) };
}
