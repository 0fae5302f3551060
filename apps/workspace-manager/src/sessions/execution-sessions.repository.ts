import type { WorkspacePrisma } from '@aileron/database/workspace';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { WorkspaceDatabase } from '../database/workspace-database.js';

export interface StoredSession {
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly launch: number;
  readonly locked: boolean;
  readonly expiresAt: Date;
  /** Whether its launch is the one that runs, or is about to. */
  readonly present: boolean;
}

/** Execution-plane sessions of launches, until each is known to have ended. */
@Injectable()
export class ExecutionSessionsRepository {
  readonly #tenantId: string;
  readonly #prisma: WorkspacePrisma;

  constructor(
    @Inject(CONFIG) config: Pick<WorkspaceManagerConfig, 'tenant'>,
    @Inject(WorkspaceDatabase) database: Pick<WorkspaceDatabase, 'prisma'>,
  ) {
    this.#tenantId = config.tenant.tenantId;
    this.#prisma = database.prisma;
  }

  /** All, or those of a workspace. */
  async list(workspaceId: string | null): Promise<StoredSession[]> {
    const rows = await this.#prisma.$queryRawUnsafe<
      {
        session_id: string;
        workspace_id: string;
        launch: number;
        locked: boolean;
        expires_at: Date;
        present: boolean;
      }[]
    >(LIST, this.#tenantId, workspaceId);
    return rows.map((row) => ({
      sessionId: row.session_id,
      workspaceId: row.workspace_id,
      launch: row.launch,
      locked: row.locked,
      expiresAt: row.expires_at,
      present: row.present,
    }));
  }

  /** True when it was otherwise before. */
  async setLocked(sessionId: string, locked: boolean): Promise<boolean> {
    const where = { tenantId: this.#tenantId, sessionId, locked: !locked };
    const { count } = await this.#prisma.executionSession.updateMany({ where, data: { locked } });
    return count > 0;
  }

  async remove(sessionId: string): Promise<void> {
    await this.#prisma.executionSession.deleteMany({ where: { tenantId: this.#tenantId, sessionId } });
  }
}

/** A session is present while its launch runs, or while the worker that was given its number is at work. */
const LIST = `
  SELECT e.session_id, e.workspace_id, e.launch, e.locked, e.expires_at,
    coalesce(w.removed_at IS NULL AND (
      (w.phase IN ('creating', 'running', 'restarting') AND e.launch = w.container_launch)
      OR (w.state #>> '{operation,stage,name}' = 'held'
        AND w.state #>> '{operation,kind}' IN ('create', 'start', 'restart', 'rebuild')
        AND e.launch = (w.state #>> '{operation,stage,fence}')::int)
    ), false) AS present
  FROM workspace.execution_session e
  LEFT JOIN workspace.workspace w ON w.tenant_id = e.tenant_id AND w.workspace_id = e.workspace_id
  WHERE e.tenant_id = $1 AND ($2::text IS NULL OR e.workspace_id = $2)
  ORDER BY e.created_at`;
