import { inWorkspaceTransaction, type WorkspacePrisma, type WorkspaceTransaction } from '@aileron/database/workspace';
import { isUniqueViolation } from '@aileron/database';
import type { FirewallSettings, Provisioner, WorkspaceEvent, WorkspacePhase } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { nextDeadline, type LifecycleEffect, type WorkspaceState } from '@aileron/lifecycle';
import { CLOCK, type Clock } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { WorkspaceDatabase } from '../database/workspace-database.js';
import { jobStatement } from './workspace-change.js';
import { NOTICE_CHANNEL, type ChangeNotice } from './change-notice.js';
import { workspaceStream, type WorkspaceRecord } from './workspace-record.js';
import { viewOf } from './workspace-view.js';
import { damagedRecord, readRecord, readState, RECORD_SQL, toRecord, type RecordRow } from './workspace-row.js';

export interface WorkspaceChange {
  readonly state?: WorkspaceState;
  readonly effects?: readonly LifecycleEffect[];
  readonly name?: string;
  readonly firewall?: FirewallSettings;
  /** A session of a launch that begins; it may take the place of what was stored until its id was known. */
  readonly session?: {
    readonly sessionId: string;
    readonly launch: number;
    readonly expiresAt: Date;
    readonly inPlaceOf?: string;
  };
}

export interface ListInput {
  readonly phase?: WorkspacePhase | undefined;
  readonly provisioner?: Provisioner | undefined;
  readonly search?: string | undefined;
  readonly limit: number;
  readonly after: { readonly createdAt: Date; readonly workspaceId: string } | null;
}

export interface ProvisionedStates {
  readonly stored: readonly { readonly state: WorkspaceState; readonly containerLaunch: number }[];
  /** Ids of workspaces. */
  readonly damaged: readonly string[];
}

type Reader = Pick<WorkspaceTransaction, '$queryRawUnsafe'>;

/** Workspaces with their streams and their jobs: what belongs together is one transaction. */
@Injectable()
export class WorkspacesRepository {
  readonly #tenantId: string;
  readonly #prisma: WorkspacePrisma;

  constructor(
    @Inject(CONFIG) config: Pick<WorkspaceManagerConfig, 'tenant'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WorkspaceDatabase) database: Pick<WorkspaceDatabase, 'prisma'>,
  ) {
    this.#tenantId = config.tenant.tenantId;
    this.#prisma = database.prisma;
  }

  /** @throws AileronError CONFLICT when a living workspace has the name */
  async insert(record: WorkspaceRecord, effects: readonly LifecycleEffect[], epoch: string): Promise<void> {
    const { workspaceId, state } = record;
    const tenantId = this.#tenantId;
    try {
      await inWorkspaceTransaction(this.#prisma, async (transaction) => {
        const { session: _session, agentStates: _states, ...columns } = record;
        const derived = { phase: state.phase, dueAt: dateOf(nextDeadline(state)), removedAt: null };
        await transaction.workspace.create({ data: { ...columns, ...derived, tenantId } });
        const stream = { tenantId, stream: workspaceStream(workspaceId), epoch, baseSeq: 0, lastSeq: 0 };
        await transaction.eventStream.create({ data: stream });
        await this.#tell(transaction, record);
        await this.#carryOut(transaction, state, effects);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const fields = [{ field: 'name', message: 'is the name of another workspace' }];
      throw new AileronError('CONFLICT', { reason: 'name-taken', fields }, { cause: error });
    }
  }

  /**
   * Changes a workspace: its row is locked, `decide` says what becomes of it, and row, jobs and stream are written at
   * once. Null from `decide`: nothing. What it throws comes through, and nothing has changed.
   * @throws AileronError NOT_FOUND; CONFLICT for a name that is taken
   */
  async change(
    workspaceId: string,
    decide: (record: WorkspaceRecord) => WorkspaceChange | null,
  ): Promise<WorkspaceRecord> {
    try {
      return await inWorkspaceTransaction(this.#prisma, async (transaction) => {
        const before = await this.#read(transaction, workspaceId, 'FOR UPDATE OF w');
        if (before === null) throw new AileronError('NOT_FOUND', { workspaceId });
        const change = decide(before);
        return change === null ? before : this.#write(transaction, before, change);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const fields = [{ field: 'name', message: 'is the name of another workspace' }];
      throw new AileronError('CONFLICT', { reason: 'name-taken', fields }, { cause: error });
    }
  }

  /** Null also for one that was removed. */
  async find(workspaceId: string): Promise<WorkspaceRecord | null> {
    const record = await this.#read(this.#prisma, workspaceId);
    return record === null || record.state.removed !== null ? null : record;
  }

  /** The newest first, without those that were removed. */
  async list({ phase, provisioner, search, limit, after }: ListInput): Promise<WorkspaceRecord[]> {
    const rows = await this.#prisma.$queryRawUnsafe<RecordRow[]>(
      `${RECORD_SQL} WHERE w.tenant_id = $1 AND w.removed_at IS NULL
         AND ($2::text IS NULL OR w.phase = $2) AND ($3::text IS NULL OR w.provisioner = $3)
         AND ($4::text IS NULL OR position($4 IN w.name) > 0)
         AND ($5::timestamptz IS NULL OR (w.created_at, w.workspace_id) < ($5::timestamptz, $6))
       ORDER BY w.created_at DESC, w.workspace_id DESC LIMIT $7`,
      this.#tenantId,
      phase ?? null,
      provisioner ?? null,
      search?.toLowerCase() ?? null,
      after?.createdAt ?? null,
      after?.workspaceId ?? '',
      limit,
    );
    return rows.map((row) => readRecord(row) ?? damagedRecord(row));
  }

  /** Every workspace of a provisioner, removed ones too, for the sweep; and those whose state cannot be read. */
  async listStates(provisioner: Provisioner): Promise<ProvisionedStates> {
    const rows = await this.#prisma.workspace.findMany({
      where: { tenantId: this.#tenantId, provisioner },
      select: { workspaceId: true, state: true, containerLaunch: true },
    });
    const read = rows.map(({ workspaceId, state, containerLaunch }) => {
      return { workspaceId, state: readState(state), containerLaunch };
    });
    return {
      stored: read.flatMap(({ state, containerLaunch }) => (state === null ? [] : [{ state, containerLaunch }])),
      damaged: read.filter(({ state }) => state === null).map(({ workspaceId }) => workspaceId),
    };
  }

  /** Those that run, or are about to, or have just been launched, as far as they can be read. */
  async listLaunched(): Promise<WorkspaceRecord[]> {
    const rows = await this.#prisma.$queryRawUnsafe<RecordRow[]>(
      `${RECORD_SQL} WHERE w.tenant_id = $1 AND w.phase IN ('creating', 'running', 'restarting')
       ORDER BY w.workspace_id`,
      this.#tenantId,
    );
    return rows.flatMap((row) => readRecord(row) ?? []);
  }

  /** Due now; `all`: whatever has an operation or a deadline, should the clock have been set back. */
  async listDue(input: { now: Date; limit: number; all: boolean }): Promise<string[]> {
    const rows = await this.#prisma.workspace.findMany({
      where: { tenantId: this.#tenantId, dueAt: input.all ? { not: null } : { lte: input.now } },
      orderBy: { dueAt: 'asc' },
      take: input.limit,
      select: { workspaceId: true },
    });
    return rows.map(({ workspaceId }) => workspaceId);
  }

  /** Says in the stream and to all managers how the workspace is: what its view tells of has changed elsewhere. */
  async touch(workspaceId: string): Promise<void> {
    await inWorkspaceTransaction(this.#prisma, async (transaction) => {
      const record = await this.#read(transaction, workspaceId, 'FOR UPDATE OF w');
      if (record === null || record.state.removed !== null) return;
      const updatedAt = new Date(this.clock.now());
      await transaction.workspace.updateMany({ where: { tenantId: this.#tenantId, workspaceId }, data: { updatedAt } });
      await this.#tell(transaction, { ...record, updatedAt });
    });
  }

  /** Adds lines to the stream of a workspace. Of one that is gone they are dropped. */
  async appendEvents(workspaceId: string, events: readonly WorkspaceEvent[]): Promise<void> {
    await inWorkspaceTransaction(this.#prisma, async (transaction) => {
      for (const event of events) await this.#append(transaction, workspaceId, event);
      await this.#notify(transaction, { type: 'lines', workspaceId });
    });
  }

  async ping(): Promise<void> {
    await this.#prisma.$queryRawUnsafe('SELECT 1');
  }

  async #read(reader: Reader, workspaceId: string, lock = ''): Promise<WorkspaceRecord | null> {
    const rows = await reader.$queryRawUnsafe<RecordRow[]>(
      `${RECORD_SQL} WHERE w.tenant_id = $1 AND w.workspace_id = $2 ${lock}`,
      this.#tenantId,
      workspaceId,
    );
    return rows[0] === undefined ? null : toRecord(rows[0]);
  }

  async #write(
    transaction: WorkspaceTransaction,
    before: WorkspaceRecord,
    change: WorkspaceChange,
  ): Promise<WorkspaceRecord> {
    const { workspaceId } = before;
    const where = { tenantId: this.#tenantId, workspaceId };
    const effects = change.effects ?? [];
    const state = change.state ?? before.state;
    if (effects.some(({ type }) => type === 'forget')) {
      await this.#forget(transaction, workspaceId);
      return { ...before, state };
    }
    if (change.session !== undefined) await this.#addSession(transaction, workspaceId, change.session);
    const fields = { name: change.name ?? before.name, firewall: change.firewall ?? before.firewall };
    const derived = {
      phase: state.phase,
      containerLaunch: containerLaunchAfter(before, state),
      dueAt: dateOf(nextDeadline(state)),
      removedAt: dateOf(state.removed?.at ?? null),
    };
    await transaction.workspace.update({
      where: { tenantId_workspaceId: where },
      data: { ...fields, ...derived, state },
    });
    const written = await this.#read(transaction, workspaceId);
    if (written === null) throw new AileronError('INTERNAL');
    const told = await this.#tellDifference(transaction, before, written);
    await this.#carryOut(transaction, state, effects);
    return told;
  }

  /** A worker's renewed lease is no change that anybody sees. */
  async #tellDifference(
    transaction: WorkspaceTransaction,
    before: WorkspaceRecord,
    written: WorkspaceRecord,
  ): Promise<WorkspaceRecord> {
    const { workspaceId } = written;
    if (JSON.stringify(viewOf(before)) === JSON.stringify(viewOf(written))) {
      // The launch is no part of the view, and who watches it has to know.
      const moved = before.state.fence !== written.state.fence || before.state.launch !== written.state.launch;
      if (moved) await this.#notify(transaction, { type: 'workspace', workspaceId });
      return written;
    }
    const updatedAt = new Date(this.clock.now());
    await transaction.workspace.updateMany({ where: { tenantId: this.#tenantId, workspaceId }, data: { updatedAt } });
    const told = { ...written, updatedAt };
    await this.#tell(transaction, told);
    return told;
  }

  async #addSession(
    transaction: WorkspaceTransaction,
    workspaceId: string,
    { inPlaceOf, ...session }: NonNullable<WorkspaceChange['session']>,
  ): Promise<void> {
    const tenantId = this.#tenantId;
    const createdAt = new Date(this.clock.now());
    await transaction.executionSession.create({ data: { ...session, tenantId, workspaceId, locked: true, createdAt } });
    if (inPlaceOf === undefined) return;
    await transaction.executionSession.deleteMany({ where: { tenantId, sessionId: inPlaceOf } });
  }

  async #forget(transaction: WorkspaceTransaction, workspaceId: string): Promise<void> {
    const streams = [workspaceStream(workspaceId)];
    const where = { tenantId: this.#tenantId, workspaceId };
    const agents = await transaction.agentSession.findMany({ where, select: { agentSessionId: true } });
    for (const { agentSessionId } of agents) streams.push(`agent/${agentSessionId}`);
    await transaction.eventStream.deleteMany({ where: { tenantId: this.#tenantId, stream: { in: streams } } });
    await transaction.workspace.deleteMany({ where });
    await this.#notify(transaction, { type: 'removed', workspaceId });
  }

  async #carryOut(
    transaction: WorkspaceTransaction,
    state: WorkspaceState,
    effects: readonly LifecycleEffect[],
  ): Promise<void> {
    const { workspaceId } = state;
    for (const effect of effects) {
      const job = jobStatement(state, effect, this.clock.now());
      if (job !== null) await transaction.$executeRawUnsafe(job.text, ...job.values);
      if (effect.type === 'cancel') {
        await this.#notify(transaction, { type: 'cancel', workspaceId, fence: effect.fence });
      }
      if (effect.type === 'hand-over') await this.#notify(transaction, { type: 'removed', workspaceId });
    }
  }

  async #tell(transaction: WorkspaceTransaction, record: WorkspaceRecord): Promise<void> {
    const { workspaceId } = record;
    await this.#append(transaction, workspaceId, { type: 'changed', workspace: viewOf(record) });
    await this.#notify(transaction, { type: 'workspace', workspaceId });
  }

  async #append(transaction: WorkspaceTransaction, workspaceId: string, event: WorkspaceEvent): Promise<void> {
    await transaction.$executeRawUnsafe(
      `WITH head AS (
         UPDATE workspace.event_stream SET last_seq = last_seq + 1 WHERE tenant_id = $1 AND stream = $2 RETURNING last_seq
       )
       INSERT INTO workspace.event_entry (tenant_id, stream, seq, entry)
       SELECT $1, $2, last_seq, convert_to($3, 'UTF8') FROM head`,
      this.#tenantId,
      workspaceStream(workspaceId),
      JSON.stringify(event),
    );
  }

  async #notify(transaction: WorkspaceTransaction, notice: ChangeNotice): Promise<void> {
    await transaction.$executeRawUnsafe('SELECT pg_notify($1, $2)', NOTICE_CHANNEL, JSON.stringify(notice));
  }
}

/** A container is launched by what launches all of a workspace, and by nothing that restarts a part of it. */
function containerLaunchAfter(before: WorkspaceRecord, state: WorkspaceState): number {
  const alone = before.state.operation !== null && before.state.operation.component !== null;
  return state.launch === before.state.launch || alone ? before.containerLaunch : state.launch;
}

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));
