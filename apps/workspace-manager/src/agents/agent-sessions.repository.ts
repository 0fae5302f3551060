import { inWorkspaceTransaction } from '@aileron/database/workspace';
import type { AgentState } from '@aileron/contracts/workspace';
import type { StreamPosition } from '@aileron/event-log';
import { CLOCK, type Clock } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { WorkspaceDatabase } from '../database/workspace-database.js';
import { NOTICE_CHANNEL, type ChangeNotice } from '../workspaces/change-notice.js';
import { agentStream, type AgentFacts, type AgentRecord } from './agent-record.js';

const MOST_LISTED = 200;

export interface WaitingMessage {
  readonly messageId: string;
  readonly text: string;
}
type MessageState = 'accepted' | 'queued' | 'sent';

/** Agents, what people told them, and the place up to which their streams were copied. */
@Injectable()
export class AgentSessionsRepository {
  readonly #tenantId: string;

  constructor(
    @Inject(CONFIG) config: Pick<WorkspaceManagerConfig, 'tenant'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WorkspaceDatabase) private readonly database: Pick<WorkspaceDatabase, 'prisma' | 'run'>,
  ) {
    this.#tenantId = config.tenant.tenantId;
  }

  async insert(record: AgentRecord, epoch: string): Promise<void> {
    const tenantId = this.#tenantId;
    await inWorkspaceTransaction(this.database.prisma, async (transaction) => {
      await transaction.agentSession.create({ data: { ...record, tenantId } });
      const stream = agentStream(record.agentSessionId);
      await transaction.eventStream.create({ data: { tenantId, stream, epoch, baseSeq: 0, lastSeq: 0 } });
    });
  }

  find(agentSessionId: string): Promise<AgentRecord | null> {
    const where = { tenantId_agentSessionId: { tenantId: this.#tenantId, agentSessionId } };
    return this.database.prisma.agentSession.findUnique({ where, omit: { tenantId: true } });
  }

  /** The newest first. */
  list(workspaceId: string | undefined): Promise<AgentRecord[]> {
    return this.database.prisma.agentSession.findMany({
      where: { tenantId: this.#tenantId, ...(workspaceId !== undefined && { workspaceId }) },
      orderBy: [{ createdAt: 'desc' }, { agentSessionId: 'desc' }],
      take: MOST_LISTED,
      omit: { tenantId: true },
    });
  }

  /** Those of a workspace that nobody ended. */
  listOpen(workspaceId: string): Promise<AgentRecord[]> {
    return this.database.prisma.agentSession.findMany({
      where: { tenantId: this.#tenantId, workspaceId, ended: false },
      orderBy: { createdAt: 'asc' },
      take: MOST_LISTED,
      omit: { tenantId: true },
    });
  }

  async setState(
    agentSessionId: string,
    change: { state?: AgentState; reason?: string | null; ended?: boolean },
  ): Promise<void> {
    await this.database.prisma.agentSession.updateMany({
      where: { tenantId: this.#tenantId, agentSessionId },
      data: { ...change, updatedAt: new Date(this.clock.now()) },
    });
  }

  /** The message as it is stored: that of the first call with its id. */
  async acceptMessage(
    agentSessionId: string,
    message: WaitingMessage,
  ): Promise<{ readonly text: string; readonly state: MessageState }> {
    const tenantId = this.#tenantId;
    const { messageId, text } = message;
    const createdAt = new Date(this.clock.now());
    await this.database.prisma.agentMessage.createMany({
      data: [{ tenantId, agentSessionId, messageId, text, state: 'accepted', createdAt }],
      skipDuplicates: true,
    });
    const key = { tenantId, agentSessionId, messageId };
    const stored = await this.database.prisma.agentMessage.findUniqueOrThrow({
      where: { tenantId_agentSessionId_messageId: key },
    });
    return { text: stored.text, state: stored.state as MessageState };
  }

  /** What the runtime does not have yet, in the order in which it was said. */
  listAccepted(agentSessionId: string): Promise<WaitingMessage[]> {
    return this.database.prisma.agentMessage.findMany({
      where: { tenantId: this.#tenantId, agentSessionId, state: 'accepted' },
      orderBy: { createdAt: 'asc' },
      take: 100,
      select: { messageId: true, text: true },
    });
  }

  /** The runtime has it waiting. One of which it is known by now that it was sent stays so. */
  async setQueued(agentSessionId: string, messageId: string): Promise<void> {
    const where = { tenantId: this.#tenantId, agentSessionId, messageId, state: 'accepted' };
    await this.database.prisma.agentMessage.updateMany({ where, data: { state: 'queued' } });
  }

  async setSent(agentSessionId: string, messageIds: readonly string[]): Promise<void> {
    const where = { tenantId: this.#tenantId, agentSessionId, messageId: { in: [...messageIds] } };
    await this.database.prisma.agentMessage.updateMany({ where, data: { state: 'sent' } });
  }

  /** Gives up a message that the runtime does not have. */
  async withdrawAccepted(agentSessionId: string, messageId: string): Promise<void> {
    const where = { tenantId: this.#tenantId, agentSessionId, messageId, state: 'accepted' };
    await this.database.prisma.agentMessage.deleteMany({ where });
  }

  /** Gives up messages that were taken out of the runtime's queue: a runtime that comes after it is not told of them. */
  async withdrawQueued(agentSessionId: string, messageIds: readonly string[]): Promise<void> {
    const where = { tenantId: this.#tenantId, agentSessionId, messageId: { in: [...messageIds] }, state: 'queued' };
    await this.database.prisma.agentMessage.deleteMany({ where });
  }

  /** What waited in a runtime that is gone has to be said again. */
  async acceptQueuedAgain(agentSessionId: string): Promise<void> {
    const where = { tenantId: this.#tenantId, agentSessionId, state: 'queued' };
    await this.database.prisma.agentMessage.updateMany({ where, data: { state: 'accepted' } });
  }

  /** The place in the runtime's stream up to which it was copied. Undefined: there is no such stream. */
  async sourcePlace(agentSessionId: string): Promise<StreamPosition | null | undefined> {
    const key = { tenantId: this.#tenantId, stream: agentStream(agentSessionId) };
    const head = await this.database.prisma.eventStream.findUnique({ where: { tenantId_stream: key } });
    if (head === null) return undefined;
    const { sourceEpoch, sourceSeq } = head;
    return sourceEpoch === null || sourceSeq === null ? null : { epoch: sourceEpoch, seq: Number(sourceSeq) };
  }

  /**
   * Adds what a runtime's stream has between two places, with what it makes of the agent, in one statement. False when
   * somebody else has copied in between: then nothing has changed.
   */
  async copy(input: {
    readonly workspaceId: string;
    readonly agentSessionId: string;
    readonly from: StreamPosition | null;
    readonly to: StreamPosition;
    readonly entries: readonly Uint8Array[];
    readonly facts: AgentFacts;
  }): Promise<boolean> {
    const { workspaceId, agentSessionId, from, to, entries, facts } = input;
    const notice: ChangeNotice = { type: 'agent', workspaceId, agentSessionId };
    const rows = await this.database.run({
      name: 'agent-copy',
      text: COPY,
      values: [
        this.#tenantId,
        agentStream(agentSessionId),
        from?.epoch ?? null,
        from?.seq ?? null,
        entries,
        to.epoch,
        to.seq,
        agentSessionId,
        facts.state,
        facts.reason,
        facts.queued,
        facts.inputTokens,
        facts.outputTokens,
        facts.costUsd,
        facts.conversationId,
        new Date(this.clock.now()),
        NOTICE_CHANNEL,
        JSON.stringify(notice),
      ],
    });
    return rows.length === 1;
  }
}

const COPY = `
  WITH head AS (
    UPDATE workspace.event_stream
    SET last_seq = last_seq + cardinality($5::bytea[]), source_epoch = $6, source_seq = $7::bigint
    WHERE tenant_id = $1 AND stream = $2
      AND source_epoch IS NOT DISTINCT FROM $3::text AND source_seq IS NOT DISTINCT FROM $4::bigint
    RETURNING last_seq - cardinality($5::bytea[]) AS base
  ), added AS (
    INSERT INTO workspace.event_entry (tenant_id, stream, seq, entry)
    SELECT $1, $2, base + place, entry FROM head, unnest($5::bytea[]) WITH ORDINALITY AS given (entry, place)
  ), agent AS (
    UPDATE workspace.agent_session
    SET state = $9, reason = $10::text, queued = $11::int, input_tokens = $12::bigint, output_tokens = $13::bigint,
      cost_usd = $14::float8, conversation_id = coalesce($15::text, conversation_id), updated_at = $16::timestamptz
    WHERE tenant_id = $1 AND agent_session_id = $8 AND EXISTS (SELECT FROM head)
  )
  SELECT pg_notify($17, $18) FROM head`;
