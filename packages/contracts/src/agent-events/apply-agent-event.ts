import type { AgentEvent, AgentEventBody } from './agent-event.js';
import { addUsage, type ConversationView, type GapItem } from './conversation-view.js';
import { appendItem, trimItems } from './conversation-items.js';
import { applyMessage, applyMessageDelta, applyMessageDone } from './fold-messages.js';
import { applyPrompt, applyPromptAnswer } from './fold-prompts.js';
import { applyToolCall, applyToolResult } from './fold-tools.js';
import { VIEW_LIMITS } from './event-limits.js';

/**
 * The conversation after one more event. Pure. An event that was applied before changes nothing, so a replay from any
 * earlier point gives the same view; a missing one becomes an item that says so.
 */
export function applyAgentEvent(view: ConversationView, event: AgentEvent): ConversationView {
  const last = view.applied.find(({ run }) => run === event.run)?.n ?? -1;
  if (event.n <= last) return view;
  const missing = event.n - last - 1;
  const noted = missing === 0 ? view : appendItem(view, gapBefore(event, missing));
  const applied = [...noted.applied.filter(({ run }) => run !== event.run), { run: event.run, n: event.n }];
  return trimItems(applyBody({ ...noted, applied: applied.slice(-VIEW_LIMITS.runs) }, event));
}

function gapBefore(event: AgentEvent, missing: number): GapItem {
  return { type: 'gap', key: `gap:${event.run}:${event.n}`, at: event.at, missing };
}

function applyBody(view: ConversationView, event: AgentEvent): ConversationView {
  switch (event.type) {
    case 'message':
      return applyMessage(view, event);
    case 'message-delta':
      return applyMessageDelta(view, event);
    case 'message-done':
      return applyMessageDone(view, event);
    case 'tool-call':
      return applyToolCall(view, event);
    case 'tool-result':
      return applyToolResult(view, event);
    case 'permission-request':
    case 'question':
      return applyPrompt(view, event);
    case 'prompt-answer':
      return applyPromptAnswer(view, event);
    case 'notice':
    case 'error':
      return applyNote(view, event);
    default:
      return applyFact(view, event);
  }
}

function applyNote(view: ConversationView, event: AgentEvent & { type: 'notice' | 'error' }): ConversationView {
  const place = { key: `note:${event.run}:${event.n}`, at: event.at };
  if (event.type === 'error') return appendItem(view, { type: 'error', ...place, code: event.code, text: event.text });
  return appendItem(view, { type: 'notice', ...place, level: event.level, code: event.code, text: event.text });
}

type FactType = 'state' | 'conversation' | 'queued' | 'unqueued' | 'plan' | 'usage';

/** What is true now, beside the items. */
function applyFact(view: ConversationView, event: AgentEvent & { type: FactType }): ConversationView {
  switch (event.type) {
    case 'state':
      return { ...view, state: event.state, reason: event.reason };
    case 'conversation':
      return { ...view, agent: event.agent, conversationId: event.conversationId, model: event.model ?? view.model };
    case 'queued': {
      const { messageId, text, truncated } = event;
      const others = view.queue.filter((message) => message.messageId !== messageId);
      return { ...view, queue: [...others, { messageId, text, truncated }].slice(-VIEW_LIMITS.queue) };
    }
    case 'unqueued':
      return { ...view, queue: view.queue.filter(({ messageId }) => messageId !== event.messageId) };
    case 'plan':
      return { ...view, plan: event.entries };
    case 'usage':
      return applyUsage(view, event);
  }
}

function applyUsage(view: ConversationView, event: AgentEvent & AgentEventBody & { type: 'usage' }): ConversationView {
  const { usage } = view;
  const earlier = usage.run === event.run ? usage.earlier : addUsage(usage.earlier, usage.current);
  return {
    ...view,
    usage: { earlier, current: event.total, run: event.run, context: event.context ?? usage.context },
  };
}
