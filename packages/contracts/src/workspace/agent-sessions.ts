import { z } from 'zod';
import { AgentSessionId, WorkspaceId } from './ids.js';

export const AgentState = z.enum([
  'starting',
  'idle',
  'working',
  'waiting-approval',
  'waiting-input',
  'failed',
  'ended',
  'context-lost',
]);
export type AgentState = z.infer<typeof AgentState>;

/** POST /api/v1/agent-sessions */
export const CreateAgentSessionRequest = z.strictObject({
  workspace: WorkspaceId,
  agent: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens')
    .default('claude-code'),
  title: z.string().min(1).max(200).optional(),
  /** A first message, sent once the agent is idle. */
  message: z.string().min(1).max(200_000).optional(),
});
export type CreateAgentSessionRequest = z.infer<typeof CreateAgentSessionRequest>;

export const AgentSessionView = z.strictObject({
  agentSessionId: AgentSessionId,
  workspaceId: WorkspaceId,
  agent: z.string(),
  title: z.string(),
  state: AgentState,
  /** Why, when it failed, ended or lost its context. */
  reason: z.string().max(1_024).nullable(),
  /** Messages that wait for it to be idle. */
  queued: z.int().min(0),
  tokens: z.strictObject({ input: z.int().min(0), output: z.int().min(0) }),
  costUsd: z.number().min(0).nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type AgentSessionView = z.infer<typeof AgentSessionView>;
export const ListAgentSessionsResponse = z.strictObject({ agentSessions: z.array(AgentSessionView).max(200) });
export type ListAgentSessionsResponse = z.infer<typeof ListAgentSessionsResponse>;

/** POST /api/v1/agent-sessions/{id}/messages: sent at once when it is idle, else queued. The same `messageId` again is the same message. */
export const SendMessageRequest = z.strictObject({
  messageId: z.uuid(),
  text: z.string().min(1).max(200_000),
});
export type SendMessageRequest = z.infer<typeof SendMessageRequest>;
export const SendMessageResponse = z.strictObject({ messageId: z.uuid(), state: z.enum(['sent', 'queued']) });
export type SendMessageResponse = z.infer<typeof SendMessageResponse>;

/** POST /api/v1/agent-sessions/{id}/answers: to a permission prompt or a question of the agent. */
export const AnswerPromptRequest = z.strictObject({
  promptId: z.string().min(1).max(128),
  decision: z.enum(['allow', 'deny']),
  /** What the agent reads when it is denied, or the answer to its question. */
  text: z.string().max(10_000).optional(),
});
export type AnswerPromptRequest = z.infer<typeof AnswerPromptRequest>;
