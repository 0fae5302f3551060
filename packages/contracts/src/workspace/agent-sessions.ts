import { z } from 'zod';
import { AgentState } from '../agent-events/agent-state.js';
import { AgentSessionId, WorkspaceId } from './ids.js';
import { Text } from './text.js';

export { AgentState };

/** What a person says: an agent takes nothing that is spaces alone. */
const MessageText = Text.min(1)
  .max(200_000)
  .refine((text) => text.trim() !== '', 'must not be spaces alone');

/** POST /api/v1/agent-sessions */
export const CreateAgentSessionRequest = z.strictObject({
  workspace: WorkspaceId,
  agent: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens')
    .default('claude-code'),
  title: Text.min(1).max(200).optional(),
  /** Who is asked before a tool runs: a person; not for edits; nothing is changed before a plan is approved; nobody. */
  mode: z.enum(['ask', 'accept-edits', 'plan', 'bypass']).default('ask'),
  /** A first message, sent once the agent is idle. */
  message: MessageText.optional(),
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
/** GET /api/v1/agent-sessions?workspace=, the newest first. */
export const ListAgentSessionsQuery = z.strictObject({ workspace: WorkspaceId.optional() });
export type ListAgentSessionsQuery = z.infer<typeof ListAgentSessionsQuery>;
export const ListAgentSessionsResponse = z.strictObject({ agentSessions: z.array(AgentSessionView).max(200) });
export type ListAgentSessionsResponse = z.infer<typeof ListAgentSessionsResponse>;

/** POST /api/v1/agent-sessions/{id}/messages: sent at once when it is idle, else queued. The same `messageId` again is the same message. */
export const SendMessageRequest = z.strictObject({
  messageId: z.uuid(),
  text: MessageText,
});
export type SendMessageRequest = z.infer<typeof SendMessageRequest>;
export const SendMessageResponse = z.strictObject({ messageId: z.uuid(), state: z.enum(['sent', 'queued']) });
export type SendMessageResponse = z.infer<typeof SendMessageResponse>;

/** POST /api/v1/agent-sessions/{id}/answers: to a permission prompt or a question of the agent. */
export const AnswerPromptRequest = z.strictObject({
  promptId: Text.min(1).max(128),
  decision: z.enum(['allow', 'deny']),
  /** What the agent reads when it is denied; to a question, the answer to all that have none in `answers`. */
  text: Text.max(10_000).optional(),
  /** To a question: by the text of the question. */
  answers: z
    .record(Text.min(1).max(1_000), Text.max(10_000))
    .refine((answers) => Object.keys(answers).length <= 8, 'at most 8 answers')
    .optional(),
  /** Of the request's suggestions: what is to be remembered. */
  suggestionIds: z.array(Text.min(1).max(128)).max(16).optional(),
});
export type AnswerPromptRequest = z.infer<typeof AnswerPromptRequest>;
