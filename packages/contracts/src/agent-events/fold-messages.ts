import type { AgentEvent } from './agent-event.js';
import { appendItem, changeItem } from './conversation-items.js';
import type { ConversationView, MessageItem } from './conversation-view.js';
import { VIEW_LIMITS } from './event-limits.js';

type Of<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>;

const keyOf = (messageId: string): string => `message:${messageId}`;

export function applyMessage(view: ConversationView, event: Of<'message'>): ConversationView {
  const { messageId, role, kind, text, done, parentToolCallId, at } = event;
  const changed = changeItem<MessageItem>(view, keyOf(messageId), 'message', (item) => ({
    ...item,
    ...kept(text),
    done,
    interrupted: false,
  }));
  if (changed !== null) return changed;
  const key = keyOf(messageId);
  const identity = { messageId, role, kind, parentToolCallId };
  return appendItem(view, { type: 'message', key, at, ...identity, ...kept(text), done, interrupted: false });
}

/** What was there before `offset` stays; a delta that leaves a hole says so in the text. */
export function applyMessageDelta(view: ConversationView, event: Of<'message-delta'>): ConversationView {
  const changed = changeItem<MessageItem>(view, keyOf(event.messageId), 'message', (item) => {
    const length = item.text.length + item.omitted;
    if (event.offset + event.text.length <= length) return item;
    const hole = event.offset > length ? '…' : '';
    const added = hole + event.text.slice(Math.max(0, length - event.offset));
    if (item.omitted > 0) return { ...item, omitted: item.omitted + added.length };
    return { ...item, ...kept(item.text + added) };
  });
  return changed ?? view;
}

export function applyMessageDone(view: ConversationView, event: Of<'message-done'>): ConversationView {
  const changed = changeItem<MessageItem>(view, keyOf(event.messageId), 'message', (item) => ({
    ...item,
    done: true,
    interrupted: event.interrupted,
  }));
  return changed ?? view;
}

function kept(text: string): { text: string; omitted: number } {
  const omitted = Math.max(0, text.length - VIEW_LIMITS.messageCharacters);
  return { text: omitted === 0 ? text : text.slice(0, VIEW_LIMITS.messageCharacters), omitted };
}
