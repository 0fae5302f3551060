import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';

/** Whose records: one session's, or those of a workspace's latest sessions. */
export type UsageScope = { readonly tenantId: string } & (
  { readonly sessionId: string } | { readonly workspace: string }
);

export interface BlockedHost {
  /** Null: further hosts that were too many to name. */
  readonly host: string | null;
  readonly count: number;
  readonly lastAt: Date;
}

export interface SessionSpend {
  readonly sessionId: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number;
  readonly unpricedCalls: number;
  readonly lastAt: Date;
}

/** Of a workspace that was started again and again. */
const MOST_SESSIONS = 100;

/** Sums over audit records. A line is JSON as a proxy wrote it; it is looked into only where its bytes name what is sought. */
@Injectable()
export class UsageRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  /** Those without a name, then the latest first. */
  async listBlocked(scope: UsageScope, limit: number): Promise<BlockedHost[]> {
    const sessionIds = await this.#sessionsOf(scope);
    return this.database.prisma.$queryRaw<BlockedHost[]>`
      WITH refused AS MATERIALIZED (
        SELECT convert_from(line, 'UTF8')::json AS record, at FROM mgmt.audit_line
        WHERE tenant_id = ${scope.tenantId} AND session_id = ANY(${sessionIds}) AND kind = 'refused'
          AND position('"FIREWALL_REFUSED"'::bytea IN line) > 0)
      SELECT record #>> '{request,host}' AS host, max(at) AS "lastAt",
        sum(coalesce((record #>> '{refusal,count}')::bigint, 1))::float8 AS count
      FROM refused WHERE record #>> '{refusal,code}' = 'FIREWALL_REFUSED'
      GROUP BY 1 ORDER BY (record #>> '{request,host}') IS NULL DESC, 2 DESC, 1 LIMIT ${limit}`;
  }

  /** The latest first; sessions that used nothing are not there. */
  async listSpend(scope: UsageScope, limit: number): Promise<SessionSpend[]> {
    const sessionIds = await this.#sessionsOf(scope);
    return this.database.prisma.$queryRaw<SessionSpend[]>`
      WITH used AS MATERIALIZED (
        SELECT session_id, convert_from(line, 'UTF8')::json -> 'outcome' AS outcome, at FROM mgmt.audit_line
        WHERE tenant_id = ${scope.tenantId} AND session_id = ANY(${sessionIds}) AND kind = 'outcome'
          AND position('"tokens"'::bytea IN line) > 0)
      SELECT session_id AS "sessionId", count(*)::float8 AS calls, max(at) AS "lastAt",
        coalesce(sum((outcome #>> '{tokens,inputTokens}')::bigint), 0)::float8 AS "inputTokens",
        coalesce(sum((outcome #>> '{tokens,outputTokens}')::bigint), 0)::float8 AS "outputTokens",
        coalesce(sum((outcome #>> '{tokens,cacheReadTokens}')::bigint), 0)::float8 AS "cacheReadTokens",
        coalesce(sum((outcome #>> '{tokens,cacheWriteTokens}')::bigint), 0)::float8 AS "cacheWriteTokens",
        coalesce(sum((outcome ->> 'costUsd')::float8), 0)::float8 AS "costUsd",
        count(*) FILTER (WHERE outcome ->> 'costUsd' IS NULL)::float8 AS "unpricedCalls"
      FROM used WHERE outcome #> '{tokens}' IS NOT NULL
      GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT ${limit}`;
  }

  async #sessionsOf(scope: UsageScope): Promise<string[]> {
    if ('sessionId' in scope) return [scope.sessionId];
    const { tenantId, workspace } = scope;
    const sessions = await this.database.prisma.session.findMany({
      where: { tenantId, workspace, requestId: { not: null } },
      select: { sessionId: true },
      orderBy: { createdAt: 'desc' },
      take: MOST_SESSIONS,
    });
    return sessions.map(({ sessionId }) => sessionId);
  }
}
