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
    if (queued) await this.agents.setQueued(agentSessionId, messageId);
    else await this.agents.setSent(agentSessionId, [messageId]);
    return queued ? 'queued' : 'sent';
  }

  /**
   * What was accepted while the runtime could not be told, in its order.
   * @returns ids of those that it does not take: they are given up
   */
  async sendAccepted(record: WorkspaceRecord, agentSessionId: string): Promise<string[]> {
    const refused: string[] = [];
    for (const message of await this.agents.listAccepted(agentSessionId)) {
      const { messageId } = message;
      try {
        await this.send(record, agentSessionId, message);
      } catch (error) {
        if (!isRefused(error)) throw error;
        await this.agents.withdrawAccepted(agentSessionId, messageId);
        refused.push(messageId);
      }
    }
    return refused;
  }

  /** An agent that the runtime does not have has ended. */
  async end(record: WorkspaceRecord, agentSessionId: string): Promise<void> {
    const runtime = this.inside.runtime(record);
    await runtime.endAgent({ agentSessionId }, { deadlineMs: SEND_MS }).catch((error: unknown) => {
      if (!AileronError.is(error, 'NOT_FOUND')) throw error;
    });
  }
}

/** The runtime could not be reached, or did not answer in time: another time it may. */
export const isPassing = (error: unknown): boolean =>
  AileronError.is(error) && ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'].includes(error.code);

/** What the runtime will never take: a message that is none, or one for an agent that is over. */
const isRefused = (error: unknown): boolean =>
  AileronError.is(error) && ['INVALID_ARGUMENT', 'PAYLOAD_TOO_LARGE', 'PRECONDITION_FAILED'].includes(error.code);

/** What the agent does not offer is, for who asked for it, a field to change. */
function refusedMode(error: unknown, { agent, mode }: AgentRecord): AileronError | undefined {
  if (!(error instanceof AileronError) || error.code !== 'UNIMPLEMENTED') return undefined;
  const fields = [{ field: 'mode', message: `${agent} has no mode ${mode}` }];
  return new AileronError('INVALID_ARGUMENT', { fields, modes: error.details['modes'] ?? null }, { cause: error });
}
