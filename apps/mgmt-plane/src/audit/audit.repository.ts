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

  /**
   * Appends lines that follow each other, if the stream ends exactly where the first of them says it does: false, and
   * nothing is stored, when it ends elsewhere. One statement, so that many lines cost little more than one.
   */
  async appendNext(key: StreamKey, now: Date, lines: readonly [ShippedLine, ...ShippedLine[]]): Promise<boolean> {
    const [first] = lines;
    const last = lines.at(-1) ?? first;
    const { tenantId, streamId } = key;
    const { bytes, columns } = packLines(lines);
    const stored = await this.database.executeBulk({
      name: 'append-audit-lines',
      text: APPEND_NEXT,
      values: [
        tenantId,
        streamId,
        String(first.seq - 1),
        digestOf(first.prev),
        String(last.seq),
        digestOf(last.hash),
        now.toISOString(),
        bytes,
        columns.start,
        columns.length,
        columns.at,
        columns.facet,
        columns.facets,
      ],
    });
    return stored === lines.length;
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

const APPEND_NEXT = `
  WITH moved AS (
    UPDATE mgmt.audit_stream SET acknowledged_seq = $5::bigint, last_hash = $6::bytea, updated_at = $7::timestamptz
    WHERE tenant_id = $1::text AND stream_id = $2::text AND acknowledged_seq = $3::bigint AND last_hash = $4::bytea
    RETURNING 1)
  INSERT INTO mgmt.audit_line (tenant_id, stream_id, seq, line, at, kind, session_id, operation)
  SELECT $1::text, $2::text, $3::bigint + place, substring($8::bytea FROM start FOR length),
    to_timestamp(at / 1000.0), facet.kind, facet.session_id, facet.operation
  FROM moved, unnest($9::int[], $10::int[], $11::bigint[], $12::int[])
    WITH ORDINALITY AS line (start, length, at, facet, place)
  JOIN jsonb_to_recordset($13::jsonb) AS facet (id int, kind text, session_id text, operation text)
    ON facet.id = line.facet`;

const digestOf = (hash: string) => Buffer.from(hash, 'base64url');

const textOrNone = (text: string | null): string => (text === null ? '' : `=${text}`);

/** Lines as columns: their bytes as one, and what is often the same in many of them once (`facets`). */
function packLines(lines: readonly ShippedLine[]) {
  const facets = new Map<string, { id: number; kind: string; session_id: string | null; operation: string | null }>();
  const columns = { start: [] as number[], length: [] as number[], at: [] as number[], facet: [] as number[] };
  // As PostgreSQL counts.
  let start = 1;
  for (const { line, at, kind, sessionId, operation } of lines) {
    // NUL is in none of them: the database takes no such text.
    const name = `${kind}\0${textOrNone(sessionId)}\0${textOrNone(operation)}`;
    const facet = facets.get(name) ?? { id: facets.size, kind, session_id: sessionId, operation };
    facets.set(name, facet);
    columns.start.push(start);
    columns.length.push(line.length);
    columns.at.push(at.getTime());
    columns.facet.push(facet.id);
    start += line.length;
  }
  const array = (numbers: readonly number[]) => `{${numbers.join(',')}}`;
  return {
    bytes: Buffer.concat(lines.map(({ line }) => line)),
    columns: {
      start: array(columns.start),
      length: array(columns.length),
      at: array(columns.at),
      facet: array(columns.facet),
      facets: JSON.stringify([...facets.values()]),
    },
  };
}

function olderThan({ at, streamId, seq }: AuditPosition) {
  return {
    OR: [{ at: { lt: at } }, { at, streamId: { lt: streamId } }, { at, streamId, seq: { lt: BigInt(seq) } }],
  };
}
