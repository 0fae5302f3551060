import fc from 'fast-check';
import {
  AGENT_ERROR_CODES,
  type AgentEvent,
  type AgentEventBody,
  type FileDiff,
  type PermissionSuggestion,
  type PlanEntry,
  type Question,
  type ToolInput,
} from './agent-event.js';
import { AGENT_STATES } from './agent-state.js';

const id = fc.constantFrom('a', 'b', 'c', 'd');
const text = fc.string({ maxLength: 40, unit: 'grapheme' });
const parent = fc.constantFrom(null, 'a');
const kind = fc.constantFrom('read', 'edit', 'run', 'other');
const input = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
}) as fc.Arbitrary<ToolInput>;
const tokens = fc.nat(1_000);
const usage = fc.record({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteTokens: tokens,
  costUsd: fc.option(fc.constantFrom(0, 0.25, 0.5), { nil: null }),
});
const diff = fc.record({
  path: text,
  change: fc.constantFrom('create', 'update', 'delete'),
  hunks: fc.constant<FileDiff['hunks']>([{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ['-a', '+b'] }]),
  truncated: fc.boolean(),
});
const expiresAt = fc.constantFrom(null, '2026-11-21T09:00:00.000Z');
const prompt = { promptId: id, toolCallId: fc.option(id, { nil: null }), parentToolCallId: parent };
const is = <const T extends string>(type: T) => fc.constant(type);

/** Any event, of few ids so that they meet. */
export const eventBody: fc.Arbitrary<AgentEventBody> = fc.oneof(
  fc.record({ type: is('state'), state: fc.constantFrom(...AGENT_STATES), reason: fc.option(text, { nil: null }) }),
  fc.record({
    type: is('conversation'),
    agent: is('fake'),
    conversationId: id,
    model: fc.option(is('m'), { nil: null }),
  }),
  fc.record({
    type: is('message'),
    messageId: id,
    role: fc.constantFrom('user', 'assistant'),
    kind: fc.constantFrom('text', 'thinking'),
    text,
    done: fc.boolean(),
    parentToolCallId: parent,
  }),
  fc.record({
    type: is('message-delta'),
    messageId: id,
    offset: fc.nat(60),
    text: fc.string({ minLength: 1, maxLength: 20 }),
  }),
  fc.record({ type: is('message-done'), messageId: id, interrupted: fc.boolean() }),
  fc.record({ type: is('queued'), messageId: id, text, truncated: fc.boolean() }),
  fc.record({ type: is('unqueued'), messageId: id, reason: fc.constantFrom('sent', 'withdrawn', 'ended') }),
  fc.record({
    type: is('tool-call'),
    toolCallId: id,
    name: is('Bash'),
    kind,
    title: text,
    input: fc.option(input, { nil: null }),
    inputTruncated: fc.boolean(),
    parentToolCallId: parent,
  }),
  fc.record({
    type: is('tool-result'),
    toolCallId: id,
    outcome: fc.constantFrom('ok', 'error', 'denied', 'interrupted'),
    text,
    omitted: fc.nat(10),
    diff: fc.option(diff, { nil: null }),
  }),
  fc.record({
    type: is('permission-request'),
    ...prompt,
    tool: is('Bash'),
    kind,
    title: text,
    input,
    inputTruncated: fc.boolean(),
    suggestions: fc.constant<PermissionSuggestion[]>([]),
    expiresAt,
  }),
  fc.record({
    type: is('question'),
    ...prompt,
    questions: fc.constant<Question[]>([{ question: 'Which?', header: '', several: false, options: [] }]),
    expiresAt,
  }),
  fc.record({
    type: is('prompt-answer'),
    promptId: id,
    outcome: fc.constantFrom('allowed', 'denied', 'answered', 'expired', 'cancelled'),
    text: fc.option(text, { nil: null }),
    remembered: fc.constant<string[]>([]),
  }),
  fc.record({
    type: is('plan'),
    entries: fc.constant<PlanEntry[]>([{ id: '1', text: 'x', status: 'pending' }]),
    truncated: fc.boolean(),
  }),
  fc.record({
    type: is('usage'),
    total: usage,
    context: fc.option(fc.record({ tokens, window: tokens }), { nil: null }),
  }),
  fc.record({ type: is('notice'), level: fc.constantFrom('info', 'warning'), code: is('note'), text }),
  fc.record({ type: is('error'), code: fc.constantFrom(...AGENT_ERROR_CODES), text }),
);

/** Some runs, one after the other, each numbered from 0. */
export const runs: fc.Arbitrary<AgentEvent[]> = fc
  .array(fc.array(eventBody, { maxLength: 40 }), { minLength: 1, maxLength: 3 })
  .map((all) => all.flatMap((bodies, run) => bodies.map((body, n) => stamped(body, n, `run-${run}`))));

export function stamped(body: AgentEventBody, n: number, run = 'run-0'): AgentEvent {
  return { ...body, v: 1, run, n, at: new Date(Date.UTC(2026, 10, 21, 8, 0, n % 60)).toISOString() };
}
