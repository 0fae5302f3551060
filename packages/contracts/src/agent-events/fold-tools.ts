import type { AgentEvent } from './agent-event.js';
import { appendItem, changeItem } from './conversation-items.js';
import type { ConversationView, ToolItem } from './conversation-view.js';

type Of<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>;

const keyOf = (toolCallId: string): string => `tool:${toolCallId}`;

/** A call is seen first without its input, then with it. A result that is there already stays. */
export function applyToolCall(view: ConversationView, event: Of<'tool-call'>): ConversationView {
  const { toolCallId, name, kind, title, input, inputTruncated, parentToolCallId } = event;
  const facts = { name, kind, title, input, inputTruncated, parentToolCallId };
  const status = input === null ? 'preparing' : 'running';
  const changed = changeItem<ToolItem>(view, keyOf(toolCallId), 'tool', (item) => ({
    ...item,
    ...facts,
    status: item.result === null ? status : item.status,
  }));
  if (changed !== null) return changed;
  const place = { key: keyOf(toolCallId), at: event.at };
  return appendItem(view, { type: 'tool', ...place, toolCallId, ...facts, status, result: null, diff: null });
}

export function applyToolResult(view: ConversationView, event: Of<'tool-result'>): ConversationView {
  const changed = changeItem<ToolItem>(view, keyOf(event.toolCallId), 'tool', (item) => ({
    ...item,
    status: event.outcome,
    result: { text: event.text, omitted: event.omitted },
    diff: event.diff,
  }));
  return changed ?? view;
}
