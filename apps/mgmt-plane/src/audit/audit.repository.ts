import { inTransaction, type MgmtTransaction } from '@aileron/database/mgmt';
import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';
import type { ShippedLine } from './shipped-line.js';

export interface StreamKey {
  readonly tenantId: string;
  readonly streamId: string;
}

/** Where a stream ends: number and digest (raw bytes) of its last line. Number 0 before the first. */
export interface StreamHead {
  readonly acknowledgedSeq: number;
  readonly lastHash: Uint8Array;
}

/** Place of a line in the order of a query: newest first, ties by stream and number. */
export interface AuditPosition {
  readonly at: Date;
  readonly streamId: string;
  readonly seq: number;
}

export interface AuditFilter {
  readonly tenantId: string;
  readonly sessionId?: string | undefined;
  readonly operation?: string | undefined;
  readonly kind?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only older than this. */
  readonly after?: AuditPosition | undefined;
  readonly limit: number;
}

export interface StoredLine extends AuditPosition {
  readonly line: Uint8Array;
}

@Injectable()
export class AuditRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  /** Appends what `choose` picks for the present head. One at a time for each stream; all lines or none. */
  async append(key: StreamKey, now: Date, choose: (head: StreamHead) => readonly ShippedLine[]): Promise<StreamHead> {
    return inTransaction(this.database.prisma, async (transaction) => {
      const head = await lockHead(transaction, key, now);
      const lines = choose(head);
      const last = lines.at(-1);
      if (last === undefined) return head;
      await transaction.auditLine.createMany({
        data: lines.map(({ seq, line, at, kind, sessionId, operation }) => {
          return { ...key, seq: BigInt(seq), line: new Uint8Array(line), at, kind, sessionId, operation };
        }),
      });
      const lastHash = new Uint8Array(Buffer.from(last.hash, 'base64url'));
      await transaction.auditStream.update({
        where: { tenantId_streamId: key },
        data: { acknowledgedSeq: BigInt(last.seq), lastHash, updatedAt: now },
      });
      return { acknowledgedSeq: last.seq, lastHash };
    });
  }

  async query(filter: AuditFilter): Promise<StoredLine[]> {
    const { tenantId, sessionId, operation, kind, since, until, after, limit } = filter;
    const rows = await this.database.prisma.auditLine.findMany({
      where: {
        tenantId,
        ...(sessionId !== undefined && { sessionId }),
        ...(operation !== undefined && { operation }),
        ...(kind !== undefined && { kind }),
        at: { ...(since && { gte: since }), ...(until && { lte: until }) },
        ...(after && olderThan(after)),
      },
      select: { at: true, streamId: true, seq: true, line: true },
      orderBy: [{ at: 'desc' }, { streamId: 'desc' }, { seq: 'desc' }],
      take: limit,
    });
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  /** The next lines of a stream in order. */
  async page(key: StreamKey, input: { afterSeq: number; limit: number }): Promise<StoredLine[]> {
    const rows = await this.database.prisma.auditLine.findMany({
      where: { ...key, seq: { gt: BigInt(input.afterSeq) } },
      select: { at: true, streamId: true, seq: true, line: true },
      orderBy: { seq: 'asc' },
      take: input.limit,
    });
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  async listStreams(tenantId: string, limit: number): Promise<{ streamId: string; acknowledgedSeq: number }[]> {
    const rows = await this.database.prisma.auditStream.findMany({
      where: { tenantId },
      select: { streamId: true, acknowledgedSeq: true },
      orderBy: { streamId: 'asc' },
      take: limit,
    });
    return rows.map((row) => ({ ...row, acknowledgedSeq: Number(row.acknowledgedSeq) }));
  }

  async countLines(where: { tenantId: string; streamId?: string }): Promise<number> {
    return this.database.prisma.auditLine.count({ where });
  }
}

async function lockHead(transaction: MgmtTransaction, key: StreamKey, now: Date): Promise<StreamHead> {
  const lastHash = new Uint8Array(32);
  await transaction.auditStream.createMany({
    data: [{ ...key, acknowledgedSeq: 0n, lastHash, updatedAt: now }],
    skipDuplicates: true,
  });
  const rows = await transaction.$queryRaw<{ acknowledged_seq: bigint; last_hash: Uint8Array }[]>`
    SELECT acknowledged_seq, last_hash FROM mgmt.audit_stream
    WHERE tenant_id = ${key.tenantId} AND stream_id = ${key.streamId} FOR UPDATE`;
  const row = rows[0]!;
  return { acknowledgedSeq: Number(row.acknowledged_seq), lastHash: row.last_hash };
}

function olderThan({ at, streamId, seq }: AuditPosition) {
  return {
    OR: [{ at: { lt: at } }, { at, streamId: { lt: streamId } }, { at, streamId, seq: { lt: BigInt(seq) } }],
  };
}
