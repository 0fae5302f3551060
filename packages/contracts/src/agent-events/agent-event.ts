import { z } from 'zod';
import { AgentState } from './agent-state.js';
import { EVENT_LIMITS as LIMIT } from './event-limits.js';

/** Rises when a reader of the present version could no longer understand an event. */
export const AGENT_EVENT_VERSION = 1;

const Id = z.string().min(1).max(LIMIT.id);
const Name = z.string().min(1).max(LIMIT.name);
const Count = z.int().min(0);

export const ToolKind = z.enum(['read', 'edit', 'run', 'search', 'fetch', 'plan', 'question', 'delegate', 'other']);
export type ToolKind = z.infer<typeof ToolKind>;

export const ToolInput = z.record(z.string(), z.json());
export type ToolInput = z.infer<typeof ToolInput>;

export const FileDiff = z.strictObject({
  path: z.string().max(LIMIT.path),
  change: z.enum(['create', 'update', 'delete']),
  hunks: z
    .array(
      z.strictObject({
        oldStart: Count,
        oldLines: Count,
        newStart: Count,
        newLines: Count,
        /** Each begins with a space, `-`, `+` or `\`. */
        lines: z.array(z.string()),
      }),
    )
    .max(LIMIT.diffHunks),
  /** More changed than is shown. */
  truncated: z.boolean(),
});
export type FileDiff = z.infer<typeof FileDiff>;

export const PlanEntry = z.strictObject({
  id: Id,
  text: z.string().max(LIMIT.planText),
  status: z.enum(['pending', 'in-progress', 'completed']),
});
export type PlanEntry = z.infer<typeof PlanEntry>;

const Question = z.strictObject({
  /** The text; also the key of its answer. */
  question: z.string().min(1).max(LIMIT.questionText),
  header: z.string().max(LIMIT.title),
  several: z.boolean(),
  options: z
    .array(z.strictObject({ label: z.string().max(LIMIT.title), description: z.string().max(LIMIT.questionText) }))
    .max(LIMIT.options),
});
export type Question = z.infer<typeof Question>;

/** What the agent offers to remember when a person allows: chosen by its id in the answer. */
const PermissionSuggestion = z.strictObject({
  id: Id,
  label: z.string().max(LIMIT.title),
  scope: z.enum(['conversation', 'project', 'user']),
});
export type PermissionSuggestion = z.infer<typeof PermissionSuggestion>;

/** Tokens and money of a run so far, by the agent's own account. The proxy's account is the one that counts. */
export const UsageTotals = z.strictObject({
  inputTokens: Count,
  outputTokens: Count,
  cacheReadTokens: Count,
  cacheWriteTokens: Count,
  /** US dollars; null when the agent does not say. */
  costUsd: z.number().min(0).nullable(),
});
export type UsageTotals = z.infer<typeof UsageTotals>;

/** Why something went wrong, for a program; the text beside it is for a person. */
export const AGENT_ERROR_CODES = [
  'launch-failed',
  'start-timeout',
  'process-exited',
  'line-too-long',
  'bad-line',
  'model-failed',
  'turn-failed',
  'not-interrupted',
  'conversation-unknown',
  'protocol',
] as const;
export type AgentErrorCode = (typeof AGENT_ERROR_CODES)[number];

/** Tool call that a subagent's message or tool belongs to; null for the agent itself. */
const parentToolCallId = Id.nullable();
const prompt = { promptId: Id, toolCallId: Id.nullable(), parentToolCallId };

/**
 * Identity and order of an event: the `n`th of its run, from 0, without a gap. A run is one conversation object of the
 * runtime; a crash of the agent's process that is recovered stays in it.
 */
const stamp = { v: z.literal(AGENT_EVENT_VERSION), run: Id, n: Count, at: z.iso.datetime() };

const event = <const T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ ...stamp, type: z.literal(type), ...shape });

/** One event of an agent, as it is logged and shown. */
export const AgentEvent = z.discriminatedUnion('type', [
  event('state', { state: AgentState, reason: z.string().max(LIMIT.reason).nullable() }),
  /** The agent's own name for the conversation: what resume and fork take. */
  event('conversation', { agent: Name, conversationId: Id, model: z.string().max(LIMIT.name).nullable() }),
  /** A message begins, or its text is set anew. */
  event('message', {
    messageId: Id,
    role: z.enum(['user', 'assistant']),
    /** Thinking is the agent's, not addressed to the person. */
    kind: z.enum(['text', 'thinking']),
    text: z.string().max(LIMIT.text),
    done: z.boolean(),
    parentToolCallId,
  }),
  /** More of a message. `offset` is the length of the text before it, in UTF-16 units. */
  event('message-delta', { messageId: Id, offset: Count, text: z.string().min(1).max(LIMIT.text) }),
  /** `interrupted`: it ends here because the turn was cut. */
  event('message-done', { messageId: Id, interrupted: z.boolean() }),
  /** Waits for the agent to be idle. */
  event('queued', { messageId: Id, text: z.string().max(LIMIT.text), truncated: z.boolean() }),
  event('unqueued', { messageId: Id, reason: z.enum(['sent', 'withdrawn', 'ended']) }),
  event('tool-call', {
    toolCallId: Id,
    name: Name,
    kind: ToolKind,
    title: z.string().max(LIMIT.title),
    /** Null while the agent still writes it. */
    input: ToolInput.nullable(),
    inputTruncated: z.boolean(),
    parentToolCallId,
  }),
  event('tool-result', {
    toolCallId: Id,
    outcome: z.enum(['ok', 'error', 'denied', 'interrupted']),
    text: z.string().max(LIMIT.resultText),
    /** Characters that are not in `text`: its middle was left out. */
    omitted: Count,
    diff: FileDiff.nullable(),
  }),
  event('permission-request', {
    ...prompt,
    tool: Name,
    kind: ToolKind,
    title: z.string().max(LIMIT.title),
    input: ToolInput,
    inputTruncated: z.boolean(),
    suggestions: z.array(PermissionSuggestion).max(LIMIT.suggestions),
    /** When it is denied if nobody answers. */
    expiresAt: z.iso.datetime().nullable(),
  }),
  event('question', {
    ...prompt,
    questions: z.array(Question).min(1).max(LIMIT.questions),
    expiresAt: z.iso.datetime().nullable(),
  }),
  /** Of a permission request or a question. */
  event('prompt-answer', {
    promptId: Id,
    outcome: z.enum(['allowed', 'denied', 'answered', 'expired', 'cancelled']),
    text: z.string().max(LIMIT.note).nullable(),
    /** Labels of what is remembered. */
    remembered: z.array(z.string().max(LIMIT.title)).max(LIMIT.suggestions),
  }),
  event('plan', { entries: z.array(PlanEntry).max(LIMIT.planEntries), truncated: z.boolean() }),
  event('usage', {
    /** Of this run, cumulative. */
    total: UsageTotals,
    context: z.strictObject({ tokens: Count, window: Count }).nullable(),
  }),
  event('notice', {
    level: z.enum(['info', 'warning']),
    code: Name,
    text: z.string().max(LIMIT.note),
  }),
  event('error', { code: z.enum(AGENT_ERROR_CODES), text: z.string().max(LIMIT.note) }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;
export type AgentEventType = AgentEvent['type'];

export type AgentEventStamp = { readonly [K in keyof typeof stamp]: z.infer<(typeof stamp)[K]> };

/** An event before it has its place in a run. */
export type AgentEventOf<T extends AgentEventType> = Omit<Extract<AgentEvent, { type: T }>, keyof AgentEventStamp>;
export type AgentEventBody = { [T in AgentEventType]: AgentEventOf<T> }[AgentEventType];

/** An event that this version understands, or null: a reader shows that something is there which it cannot read. */
export function readAgentEvent(value: unknown): AgentEvent | null {
  const parsed = AgentEvent.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Stable name of an event, the same in every copy of it. */
export const agentEventId = (stamped: AgentEventStamp): string => `${stamped.run}:${stamped.n}`;
