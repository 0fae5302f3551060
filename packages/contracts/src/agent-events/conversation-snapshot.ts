import { z } from 'zod';
import {
  AgentEvent,
  type AgentEventOf,
  AGENT_ERROR_CODES,
  FileDiff,
  PlanEntry,
  ToolInput,
  ToolKind,
  UsageTotals,
} from './agent-event.js';
import { AgentState } from './agent-state.js';
import type { ConversationItem, ConversationView, PromptRequest } from './conversation-view.js';
import { EVENT_LIMITS as LIMIT, VIEW_LIMITS } from './event-limits.js';

const Id = z.string().min(1).max(LIMIT.id);
const Count = z.int().min(0);
const place = {
  key: z
    .string()
    .min(1)
    .max(3 * LIMIT.id),
  at: z.iso.datetime(),
};
const parentToolCallId = Id.nullable();
const stamp = { v: true, run: true, n: true, at: true } as const;

const eventShape = <T extends AgentEvent['type']>(type: T) => {
  const found = AgentEvent.options.find((option) => option.shape.type.value === type);
  if (found === undefined) throw new TypeError(`no event ${type}`);
  return found;
};

/** An event's own fields, as the fold keeps them. */
const body = <T extends 'permission-request' | 'question'>(type: T): z.ZodType<AgentEventOf<T>> =>
  (eventShape(type) as z.ZodObject).omit(stamp) as unknown as z.ZodType<AgentEventOf<T>>;

const Request: z.ZodType<PromptRequest> = z.union([body('permission-request'), body('question')]);

const Answer = z.strictObject({
  outcome: z.enum(['allowed', 'denied', 'answered', 'expired', 'cancelled']),
  text: z.string().max(LIMIT.note).nullable(),
  remembered: z.array(z.string().max(LIMIT.title)).max(LIMIT.suggestions),
});

const Item: z.ZodType<ConversationItem> = z.discriminatedUnion('type', [
  z.strictObject({
    ...place,
    type: z.literal('message'),
    messageId: Id,
    role: z.enum(['user', 'assistant']),
    kind: z.enum(['text', 'thinking']),
    text: z.string().max(VIEW_LIMITS.messageCharacters),
    omitted: Count,
    done: z.boolean(),
    interrupted: z.boolean(),
    parentToolCallId,
  }),
  z.strictObject({
    ...place,
    type: z.literal('tool'),
    toolCallId: Id,
    name: z.string().max(LIMIT.name),
    kind: ToolKind,
    title: z.string().max(LIMIT.title),
    input: ToolInput.nullable(),
    inputTruncated: z.boolean(),
    status: z.enum(['preparing', 'running', 'ok', 'error', 'denied', 'interrupted']),
    result: z.strictObject({ text: z.string().max(LIMIT.resultText), omitted: Count }).nullable(),
    diff: FileDiff.nullable(),
    parentToolCallId,
  }),
  z.strictObject({ ...place, type: z.literal('prompt'), promptId: Id, request: Request, answer: Answer.nullable() }),
  z.strictObject({
    ...place,
    type: z.literal('notice'),
    level: z.enum(['info', 'warning']),
    code: z.string().max(LIMIT.name),
    text: z.string().max(LIMIT.note),
  }),
  z.strictObject({
    ...place,
    type: z.literal('error'),
    code: z.enum(AGENT_ERROR_CODES),
    text: z.string().max(LIMIT.note),
  }),
  z.strictObject({ ...place, type: z.literal('gap'), missing: Count }),
]);

/** A folded conversation as it comes from somebody else: the snapshot of an agent's stream. */
export const ConversationSnapshot: z.ZodType<ConversationView> = z.strictObject({
  v: z.literal(1),
  state: AgentState,
  reason: z.string().max(LIMIT.reason).nullable(),
  agent: z.string().max(LIMIT.name).nullable(),
  conversationId: Id.nullable(),
  model: z.string().max(LIMIT.name).nullable(),
  items: z.array(Item).max(VIEW_LIMITS.items),
  droppedItems: Count,
  characters: Count,
  queue: z
    .array(z.strictObject({ messageId: Id, text: z.string().max(LIMIT.text), truncated: z.boolean() }))
    .max(VIEW_LIMITS.queue),
  plan: z.array(PlanEntry).max(LIMIT.planEntries),
  usage: z.strictObject({
    earlier: UsageTotals,
    current: UsageTotals,
    run: Id.nullable(),
    context: z.strictObject({ tokens: Count, window: Count }).nullable(),
  }),
  applied: z.array(z.strictObject({ run: Id, n: Count })).max(VIEW_LIMITS.runs),
});
