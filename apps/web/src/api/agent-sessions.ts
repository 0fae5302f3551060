import type { AgentSessionView, AnswerPromptRequest, CreateAgentSessionRequest } from '@aileron/contracts/workspace';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { workspaces } from './workspace-client.js';

export const agentSessionsKey = (workspaceId: string) => ['agent-sessions', workspaceId] as const;

export const agentSessionsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: agentSessionsKey(workspaceId),
    queryFn: ({ signal }) => workspaces.listAgentSessions({ query: { workspace: workspaceId }, signal }),
    refetchInterval: 5_000,
  });

export const createAgentSession = (body: z.input<typeof CreateAgentSessionRequest>): Promise<AgentSessionView> =>
  workspaces.createAgentSession({ body });

export const sendMessage = (agentSessionId: string, messageId: string, text: string) =>
  workspaces.sendMessage({ params: { agentSessionId }, body: { messageId, text } });

export const interruptAgent = (agentSessionId: string): Promise<AgentSessionView> =>
  workspaces.interruptAgent({ params: { agentSessionId } });

export const answerPrompt = (agentSessionId: string, body: AnswerPromptRequest): Promise<AgentSessionView> =>
  workspaces.answerPrompt({ params: { agentSessionId }, body });

export const endAgentSession = (agentSessionId: string): Promise<AgentSessionView> =>
  workspaces.endAgentSession({ params: { agentSessionId } });
