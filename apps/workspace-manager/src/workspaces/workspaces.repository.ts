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
import { StoredStates } from './stored-states.js';
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

const STATES_A_PAGE = 50;
type StateRow = Pick<RecordRow, 'workspace_id' | 'state' | 'container_launch'>;
type Reader = Pick<WorkspaceTransaction, '$queryRawUnsafe'>;

/** Workspaces with their streams and their jobs: what belongs together is one transaction. */
@Injectable()
export class WorkspacesRepository {
  readonly #tenantId: string;
  readonly #prisma: WorkspacePrisma;
  readonly #states = new StoredStates();

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
    return rows.map((row) => readRecord(row, this.#states) ?? damagedRecord(row));
  }

  /**
   * Every workspace of a provisioner, removed ones too, for the sweep; and those whose state cannot be read. A page at a time: others
   * are served in between.
   */
  async listStates(provisioner: Provisioner): Promise<ProvisionedStates> {
    const stored: ProvisionedStates['stored'][number][] = [];
    const damaged: string[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const rows: StateRow[] = await this.#prisma.$queryRawUnsafe<StateRow[]>(
        `SELECT workspace_id, state::text AS state, container_launch FROM workspace.workspace
         WHERE tenant_id = $1 AND provisioner = $2 AND workspace_id > $3 ORDER BY workspace_id LIMIT $4`,
        this.#tenantId,
        provisioner,
        after,
        STATES_A_PAGE,
      );
      for (const row of rows) {
        const state = readState(row, this.#states);
        if (state === null) damaged.push(row.workspace_id);
        else stored.push({ state, containerLaunch: row.container_launch });
      }
      after = rows.length < STATES_A_PAGE ? undefined : rows.at(-1)?.workspace_id;
    }
    return { stored, damaged };
  }

  /** Those that run, or are about to, or have just been launched, as far as they can be read. */
  async listLaunched(): Promise<WorkspaceRecord[]> {
    const rows = await this.#prisma.$queryRawUnsafe<RecordRow[]>(
      `${RECORD_SQL} WHERE w.tenant_id = $1 AND w.phase IN ('creating', 'running', 'restarting')
       ORDER BY w.workspace_id`,
      this.#tenantId,
    );
    return rows.flatMap((row) => readRecord(row, this.#states) ?? []);
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
    return rows[0] === undefined ? null : toRecord(rows[0], this.#states);
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
    const fields = {
      name: change.name ?? before.name,
      firewall: change.firewall ?? before.firewall,
      containerLaunch: containerLaunchAfter(before, state),
    };
    const derived = {
      phase: state.phase,
      dueAt: dateOf(nextDeadline(state)),
      removedAt: dateOf(state.removed?.at ?? null),
    };
    const store = (updatedAt: Date) =>
      transaction.workspace.updateMany({ where, data: { ...fields, ...derived, state, updatedAt } });
    // Which session a workspace has follows from these two: the database says it.
    const isAnotherLaunch = change.session !== undefined || fields.containerLaunch !== before.containerLaunch;
    if (isAnotherLaunch) await store(before.updatedAt);
    const after = isAnotherLaunch ? await this.#read(transaction, workspaceId) : { ...before, ...fields, state };
    if (after === null) throw new AileronError('INTERNAL');
    const isSeen = JSON.stringify(viewOf(before)) !== JSON.stringify(viewOf(after));
    const written = isSeen ? { ...after, updatedAt: new Date(this.clock.now()) } : after;
    if (!isAnotherLaunch || isSeen) await store(written.updatedAt);
    if (isSeen) await this.#tell(transaction, written);
    // The launch is no part of the view, and who watches it has to know. A worker's renewed lease is nobody's news.
    else if (before.state.fence !== state.fence || before.state.launch !== state.launch)
      await this.#notify(transaction, { type: 'workspace', workspaceId });
    await this.#carryOut(transaction, state, effects);
    return written;
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
    const event = { type: 'changed', workspace: viewOf(record) } as const;
    await this.#append(transaction, workspaceId, event, { type: 'workspace', workspaceId });
  }

  /** Adds a line to the stream, and tells all managers if there is something to tell: one statement. */
  async #append(
    transaction: WorkspaceTransaction,
    workspaceId: string,
    event: WorkspaceEvent,
    notice?: ChangeNotice,
  ): Promise<void> {
    await transaction.$executeRawUnsafe(
      `WITH head AS (
         UPDATE workspace.event_stream SET last_seq = last_seq + 1 WHERE tenant_id = $1 AND stream = $2 RETURNING last_seq
       ), entry AS (
         INSERT INTO workspace.event_entry (tenant_id, stream, seq, entry)
         SELECT $1, $2, last_seq, convert_to($3, 'UTF8') FROM head
       )
       SELECT pg_notify($4, $5) WHERE $5 IS NOT NULL`,
      this.#tenantId,
      workspaceStream(workspaceId),
      JSON.stringify(event),
      NOTICE_CHANNEL,
      notice === undefined ? null : JSON.stringify(notice),
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
