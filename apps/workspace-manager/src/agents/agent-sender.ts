import { Inject, Injectable } from '@nestjs/common';
import { InsideClients } from '../inside/inside-clients.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';
import type { AgentRecord } from './agent-record.js';
import { AgentSessionsRepository, type WaitingMessage } from './agent-sessions.repository.js';

const START_MS = 60_000;
const SEND_MS = 10_000;

/** Brings to a runtime what people want of its agents. All of it may be done twice. */
@Injectable()
export class AgentSender {
  constructor(
    @Inject(InsideClients) private readonly inside: InsideClients,
    @Inject(AgentSessionsRepository) private readonly agents: AgentSessionsRepository,
  ) {}

  /** Starts an agent, or resumes its conversation. False: it was there already. */
  async start(record: WorkspaceRecord, agent: AgentRecord): Promise<boolean> {
    const { agentSessionId, agent: kind, mode, conversationId } = agent;
    const request = { agentSessionId, agent: kind, mode, resumeId: conversationId ?? '' };
    const { started } = await this.inside.runtime(record).startAgent(request, { deadlineMs: START_MS });
    return started;
  }

  async send(
    record: WorkspaceRecord,
    agentSessionId: string,
    { messageId, text }: WaitingMessage,
  ): Promise<'sent' | 'queued'> {
    const runtime = this.inside.runtime(record);
    const { queued } = await runtime.sendMessage({ agentSessionId, messageId, text }, { deadlineMs: SEND_MS });
    const state = queued ? 'queued' : 'sent';
    await this.agents.setMessages(agentSessionId, [messageId], state);
    return state;
  }

  /** What was accepted while the runtime could not be told. */
  async sendAccepted(record: WorkspaceRecord, agentSessionId: string): Promise<void> {
    for (const message of await this.agents.listAccepted(agentSessionId)) {
      await this.send(record, agentSessionId, message);
    }
  }
}
