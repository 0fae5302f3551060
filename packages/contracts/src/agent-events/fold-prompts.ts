import type { AgentEvent } from './agent-event.js';
import { appendItem, changeItem } from './conversation-items.js';
import type { ConversationView, PromptItem, PromptRequest } from './conversation-view.js';

type Of<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>;

const keyOf = (promptId: string): string => `prompt:${promptId}`;

export function applyPrompt(view: ConversationView, event: Of<'permission-request' | 'question'>): ConversationView {
  const request = withoutStamp(event);
  const changed = changeItem<PromptItem>(view, keyOf(event.promptId), 'prompt', (item) => ({ ...item, request }));
  if (changed !== null) return changed;
  const { promptId, at } = event;
  return appendItem(view, { type: 'prompt', key: keyOf(promptId), at, promptId, request, answer: null });
}

function withoutStamp({
  v: _v,
  run: _run,
  n: _n,
  at: _at,
  ...request
}: Of<'permission-request' | 'question'>): PromptRequest {
  return request;
}

/** The first answer holds. */
export function applyPromptAnswer(view: ConversationView, event: Of<'prompt-answer'>): ConversationView {
  const { outcome, text, remembered } = event;
  const changed = changeItem<PromptItem>(view, keyOf(event.promptId), 'prompt', (item) =>
    item.answer === null ? { ...item, answer: { outcome, text, remembered } } : item,
  );
  return changed ?? view;
}
