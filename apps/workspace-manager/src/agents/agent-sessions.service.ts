import { randomUUID } from 'node:crypto';
import { isFinalState } from '@aileron/contracts/agent-events';
import { AgentState } from '@aileron/contracts/workspace';
import type {
  AgentSessionView,
  AnswerPromptRequest,
  CreateAgentSessionRequest,
  SendMessageRequest,
  SendMessageResponse,
} from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { CLOCK, LOGGER, randomId, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { InsideClients } from '../inside/inside-clients.js';
import { TemplatesService } from '../provisioners/templates.service.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { agentView, type AgentRecord } from './agent-record.js';
import { AgentSender, isPassing } from './agent-sender.js';
import { AgentSessionsRepository } from './agent-sessions.repository.js';

const CALL_MS = 10_000;

/** What people want of agents. */
@Injectable()
export class AgentSessionsService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AgentSessionsRepository) private readonly agents: AgentSessionsRepository,
    @Inject(WorkspacesService) private readonly workspaces: WorkspacesService,
    @Inject(WorkspacesRepository) private readonly workspaceRows: WorkspacesRepository,
    @Inject(TemplatesService) private readonly templates: TemplatesService,
    @Inject(AgentSender) private readonly sender: AgentSender,
    @Inject(InsideClients) private readonly inside: InsideClients,
  ) {}

  async create(request: CreateAgentSessionRequest): Promise<AgentSessionView> {
    const workspace = await this.workspaces.get(request.workspace);
    this.#assertOffered(workspace, request.agent);
    this.inside.runtime(workspace);
    const record = this.#newRecord(request);
    const { agentSessionId } = record;
    await this.agents.insert(record, randomUUID());
    try {
      await this.sender.start(workspace, record);
    } catch (error) {
      const reason = AileronError.from(error).definition.message;
      await this.agents.setState(agentSessionId, { state: 'failed', reason, ended: true });
      throw error;
    }
    if (request.message !== undefined) await this.#sendFirst(agentSessionId, request.message);
    await this.workspaceRows.touch(workspace.workspaceId);
    return this.view(agentSessionId);
  }

  /** @throws AileronError NOT_FOUND for a workspace that is none */
  async list(workspaceId: string | undefined): Promise<AgentSessionView[]> {
    if (workspaceId !== undefined) await this.workspaces.get(workspaceId);
    return (await this.agents.list(workspaceId)).map(agentView);
  }

  /** @throws AileronError NOT_FOUND */
  async get(agentSessionId: string): Promise<AgentRecord> {
    const record = await this.agents.find(agentSessionId);
    if (record === null) throw new AileronError('NOT_FOUND', { agentSessionId });
    return record;
  }

  async view(agentSessionId: string): Promise<AgentSessionView> {
    return agentView(await this.get(agentSessionId));
  }

  /** Stored before the runtime is told: what it could not be told now it is told when it is back. */
  async send(agentSessionId: string, { messageId, text }: SendMessageRequest): Promise<SendMessageResponse> {
    const agent = await this.#alive(agentSessionId);
    const workspace = await this.workspaces.get(agent.workspaceId);
    this.inside.runtime(workspace);
    const stored = await this.agents.acceptMessage(agentSessionId, { messageId, text });
    if (stored.text !== text) {
      const fields = [{ field: 'messageId', message: 'is the id of another message' }];
      throw new AileronError('CONFLICT', { fields });
    }
    if (stored.state !== 'accepted') return { messageId, state: stored.state };
    try {
      return { messageId, state: await this.sender.send(workspace, agentSessionId, { messageId, text }) };
    } catch (error) {
      if (!isForLater(error, agent)) {
        // It would be refused again: who said it is told why.
        await this.agents.withdrawAccepted(agentSessionId, messageId);
        throw error;
      }
      this.logger.warn({ err: error, agentSessionId }, 'agents.message-waits');
      return { messageId, state: 'queued' };
    }
  }

  /** Of an agent that ended at once its view says why. */
  async #sendFirst(agentSessionId: string, text: string): Promise<void> {
    await this.send(agentSessionId, { messageId: randomUUID(), text }).catch((error: unknown) => {
      if (!AileronError.is(error, 'PRECONDITION_FAILED')) throw error;
    });
  }

  async interrupt(agentSessionId: string): Promise<AgentSessionView> {
    const agent = await this.#alive(agentSessionId);
    const workspace = await this.workspaces.get(agent.workspaceId);
    await this.inside.runtime(workspace).interrupt({ agentSessionId }, { deadlineMs: CALL_MS });
    return this.view(agentSessionId);
  }

  async answer(agentSessionId: string, answer: AnswerPromptRequest): Promise<AgentSessionView> {
    const agent = await this.#alive(agentSessionId);
    const workspace = await this.workspaces.get(agent.workspaceId);
    const { promptId, decision, text = '', answers = {}, suggestionIds = [] } = answer;
    await this.inside
      .runtime(workspace)
      .answerPrompt(
        { agentSessionId, promptId, allow: decision === 'allow', text, answers, suggestionIds },
        { deadlineMs: CALL_MS },
      );
    return this.view(agentSessionId);
  }

  /** Ended for good: it is not resumed, and a runtime that cannot be told now is told once it is seen with it. */
  async end(agentSessionId: string): Promise<AgentSessionView> {
    const agent = await this.get(agentSessionId);
    const workspace = await this.workspaces.get(agent.workspaceId);
    if (workspace.state.phase === 'running') {
      await this.sender.end(workspace, agentSessionId).catch((error: unknown) => {
        this.logger.warn({ err: error, agentSessionId }, 'agents.end-not-told');
      });
    }
    const final = isFinalState(AgentState.parse(agent.state));
    await this.agents.setState(agentSessionId, { ended: true, ...(!final && { state: 'ended' as const }) });
    await this.workspaceRows.touch(agent.workspaceId);
    return this.view(agentSessionId);
  }

  async #alive(agentSessionId: string): Promise<AgentRecord> {
    const agent = await this.get(agentSessionId);
    if (agent.ended) throw new AileronError('PRECONDITION_FAILED', { reason: 'agent-ended' });
    return agent;
  }

  #newRecord(request: CreateAgentSessionRequest): AgentRecord {
    const now = new Date(this.clock.now());
    return {
      agentSessionId: randomId('ags'),
      workspaceId: request.workspace,
      agent: request.agent,
      mode: request.mode,
      title: request.title ?? titleOf(request.message) ?? request.agent,
      state: 'starting',
      reason: null,
      queued: 0,
      inputTokens: 0n,
      outputTokens: 0n,
      costUsd: null,
      conversationId: null,
      ended: false,
      createdAt: now,
      updatedAt: now,
    };
  }

  #assertOffered({ template }: WorkspaceRecord, agent: string): void {
    const offered = this.templates.agentsOf(template);
    if (offered.includes(agent)) return;
    const fields = [{ field: 'agent', message: `must be one of ${offered.join(', ')}` }];
    throw new AileronError('INVALID_ARGUMENT', { fields });
  }
}

/** Whether a message waits for its runtime. One that has just begun does not know the agents that will be resumed. */
const isForLater = (error: unknown, agent: AgentRecord): boolean =>
  isPassing(error) || (AileronError.is(error, 'NOT_FOUND') && !isFinalState(AgentState.parse(agent.state)));

const titleOf = (message: string | undefined): string | undefined => {
  const line = message?.trim().split('\n')[0]?.slice(0, 80).toWellFormed();
  return line === '' ? undefined : line;
};
