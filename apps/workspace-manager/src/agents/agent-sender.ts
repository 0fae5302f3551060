import { AileronError } from '@aileron/errors';
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

  /**
   * Starts an agent, or resumes its conversation. False: it was there already.
   * @throws AileronError INVALID_ARGUMENT: an agent of this kind has no such mode
   */
  async start(record: WorkspaceRecord, agent: AgentRecord): Promise<boolean> {
    const { agentSessionId, agent: kind, mode, conversationId } = agent;
    const request = { agentSessionId, agent: kind, mode, resumeId: conversationId ?? '' };
    try {
      const { started } = await this.inside.runtime(record).startAgent(request, { deadlineMs: START_MS });
      return started;
    } catch (error) {
      throw refusedMode(error, agent) ?? error;
    }
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

/** What the agent does not offer is, for who asked for it, a field to change. */
function refusedMode(error: unknown, { agent, mode }: AgentRecord): AileronError | undefined {
  if (!(error instanceof AileronError) || error.code !== 'UNIMPLEMENTED') return undefined;
  const fields = [{ field: 'mode', message: `${agent} has no mode ${mode}` }];
  return new AileronError('INVALID_ARGUMENT', { fields, modes: error.details['modes'] ?? null }, { cause: error });
}
