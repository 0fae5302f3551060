import { SessionState } from '@aileron/contracts/rest';
import { inTransaction, type MgmtTransaction } from '@aileron/database/mgmt';
import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';
import type { SessionKey } from '../ports/lease.port.js';
import type { EndReason, SessionRow } from './session.js';

/** More live sessions than any laptop runs; a snapshot is never cut in silence, see listAlive. */
export const MOST_ALIVE_SESSIONS = 10_000;

@Injectable()
export class SessionsRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  /** @returns false, and nothing is stored, when there is a session of the same request */
  async insert(row: NewSession): Promise<boolean> {
    const agentTokenSha256 = Uint8Array.from(row.agentTokenSha256);
    const data = [{ ...row, agentTokenSha256, state: 'starting' }];
    const { count } = await this.database.prisma.session.createMany({ data, skipDuplicates: true });
    return count === 1;
  }

  async find({ tenantId, sessionId }: SessionKey): Promise<SessionRow | null> {
    const row = await this.database.prisma.session.findUnique({
      where: { tenantId_sessionId: { tenantId, sessionId } },
    });
    return row && toSession(row);
  }

  async findByRequest(key: { tenantId: string; requestId: string }): Promise<SessionRow | null> {
    const { tenantId, requestId } = key;
    const row = await this.database.prisma.session.findFirst({ where: { tenantId, requestId } });
    return row && toSession(row);
  }

  /** Newest first. */
  async list(input: { tenantId: string; state?: SessionState | undefined; limit: number }): Promise<SessionRow[]> {
    const rows = await this.database.prisma.session.findMany({
      where: { tenantId: input.tenantId, ...(input.state && { state: input.state }) },
      orderBy: [{ createdAt: 'desc' }, { sessionId: 'desc' }],
      take: input.limit,
    });
    return rows.map(toSession);
  }

  async listAlive(tenantId: string): Promise<SessionRow[]> {
    const rows = await this.database.prisma.session.findMany({
      where: { tenantId, state: { not: 'ended' } },
      orderBy: { createdAt: 'asc' },
      take: MOST_ALIVE_SESSIONS + 1,
    });
    if (rows.length > MOST_ALIVE_SESSIONS) throw new Error('more sessions are alive than a snapshot holds');
    return rows.map(toSession);
  }

  async listOver(input: {
    now: Date;
    startedBefore: Date;
    limit: number;
  }): Promise<(SessionKey & { state: string })[]> {
    return this.database.prisma.session.findMany({
      where: {
        state: { not: 'ended' },
        OR: [{ expiresAt: { lte: input.now } }, { state: 'starting', createdAt: { lt: input.startedBefore } }],
      },
      select: { tenantId: true, sessionId: true, state: true },
      orderBy: { expiresAt: 'asc' },
      take: input.limit,
    });
  }

  async countByState(input: { tenantId: string; state: SessionState }): Promise<number> {
    return this.database.prisma.session.count({ where: input });
  }

  /**
   * starting → active, or the same proxy preparing an active session anew after it restarted: with another CA only while
   * nobody else can have the present one. @returns false when nothing of it applies
   */
  async activate(input: SessionKey & SessionEndpoint): Promise<boolean> {
    const { tenantId, sessionId, ...endpoint } = input;
    return inTransaction(this.database.prisma, async (transaction) => {
      const now = await lockSession(transaction, input);
      if (now === null || now.state === 'ended') return false;
      const again = now.state === 'active' && now.proxyId === endpoint.proxyId;
      if (now.state !== 'starting' && !again) return false;
      if (again && now.caCertificatePem !== endpoint.caCertificatePem) {
        const shared = await transaction.sessionAuthority.count({ where: { tenantId, sessionId } });
        if (shared > 0) return false;
      }
      await transaction.session.updateMany({ where: { tenantId, sessionId }, data: { ...endpoint, state: 'active' } });
      return true;
    });
  }

  /** The firewall, and another token for the agent where there is one. @returns false when the session is not alive */
  async change({
    tenantId,
    sessionId,
    firewall,
    agentTokenSha256,
  }: SessionKey & { firewall: string; agentTokenSha256?: Uint8Array }): Promise<boolean> {
    const token = agentTokenSha256 && { agentTokenSha256: Uint8Array.from(agentTokenSha256) };
    const where = { tenantId, sessionId, state: { not: 'ended' } };
    const { count } = await this.database.prisma.session.updateMany({ where, data: { firewall, ...token } });
    return count === 1;
  }

  /** Whether credential-service has keys. @returns false when the session is not alive */
  async setKeys({
    tenantId,
    sessionId,
    ...keys
  }: SessionKey & { unlockedUntil: Date | null; lockedAt?: Date }): Promise<boolean> {
    const where = { tenantId, sessionId, state: { not: 'ended' } };
    const { count } = await this.database.prisma.session.updateMany({ where, data: keys });
    return count === 1;
  }

  /** Ends a session and closes its approvals, at once. @returns false when it had ended before */
  async end(input: SessionKey & { now: Date; reason: EndReason; failureCode?: string }): Promise<boolean> {
    const { tenantId, sessionId, now } = input;
    return inTransaction(this.database.prisma, async (transaction) => {
      const { count } = await transaction.session.updateMany({
        where: { tenantId, sessionId, state: { not: 'ended' } },
        data: {
          state: 'ended',
          endedAt: now,
          endReason: input.reason,
          failureCode: input.failureCode ?? null,
          // Nobody got a session for it: the same request may try again.
          ...(FAILED_STARTS.has(input.reason) && { requestId: null }),
        },
      });
      if (count === 0) return false;
      await transaction.sessionAuthority.deleteMany({ where: { tenantId, sessionId } });
      const open = { tenantId, sessionId, open: true };
      await transaction.approval.updateMany({
        where: { ...open, state: { in: ['pending', 'approved'] } },
        data: { state: 'cancelled', open: false },
      });
      await transaction.approval.updateMany({ where: open, data: { open: false } });
      return true;
    });
  }
}

const FAILED_STARTS: ReadonlySet<EndReason> = new Set(['start-failed', 'start-timeout']);

export interface SessionEndpoint {
  readonly proxyId: string;
  readonly caCertificatePem: string;
  readonly runtimeDirectory: string;
}

type NewSession = Pick<
  SessionRow,
  | 'tenantId'
  | 'sessionId'
  | 'userId'
  | 'userName'
  | 'agent'
  | 'workspace'
  | 'project'
  | 'agentTokenSha256'
  | 'createdAt'
  | 'expiresAt'
  | 'firewall'
  | 'requestId'
>;

/** The session as it is until the end of this transaction; null when there is none. */
export async function lockSession(
  transaction: MgmtTransaction,
  { tenantId, sessionId }: SessionKey,
): Promise<Pick<SessionRow, 'state' | 'proxyId' | 'caCertificatePem'> | null> {
  const rows = await transaction.$queryRaw<
    { state: string; proxy_id: string | null; ca_certificate_pem: string | null }[]
  >`SELECT state, proxy_id, ca_certificate_pem FROM mgmt.session
    WHERE tenant_id = ${tenantId} AND session_id = ${sessionId} FOR UPDATE`;
  const [row] = rows;
  if (row === undefined) return null;
  return { state: SessionState.parse(row.state), proxyId: row.proxy_id, caCertificatePem: row.ca_certificate_pem };
}

function toSession(row: Omit<SessionRow, 'state'> & { state: string }): SessionRow {
  return { ...row, state: SessionState.parse(row.state) };
}
