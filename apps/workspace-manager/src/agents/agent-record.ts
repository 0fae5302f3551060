import { AgentSessionId, AgentState, WorkspaceId, type AgentSessionView } from '@aileron/contracts/workspace';
import type { AgentSessionModel } from '@aileron/database/workspace';

/** An agent as it is stored. */
export type AgentRecord = Omit<AgentSessionModel, 'tenantId'>;

/** What the events of an agent make of it. */
export interface AgentFacts {
  readonly state: AgentState;
  readonly reason: string | null;
  readonly queued: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
  readonly conversationId: string | null;
}

/** The stream of an agent, as readers and the copying know it. */
export const agentStream = (agentSessionId: string): string => `agent/${agentSessionId}`;

export function agentView(record: AgentRecord): AgentSessionView {
  return {
    agentSessionId: AgentSessionId.parse(record.agentSessionId),
    workspaceId: WorkspaceId.parse(record.workspaceId),
    agent: record.agent,
    title: record.title,
    state: AgentState.parse(record.state),
    reason: record.reason,
    queued: record.queued,
    tokens: { input: Number(record.inputTokens), output: Number(record.outputTokens) },
    costUsd: record.costUsd,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
  };
}
