// What an agent's events are and what a conversation looks like: pure, for browsers, the manager and the runtime alike.
export {
  AGENT_ERROR_CODES,
  AGENT_EVENT_VERSION,
  AgentEvent,
  agentEventId,
  readAgentEvent,
  type AgentErrorCode,
  type AgentEventBody,
  type AgentEventOf,
  type AgentEventStamp,
  type AgentEventType,
  type FileDiff,
  type PermissionSuggestion,
  type PlanEntry,
  type Question,
  type ToolInput,
  type ToolKind,
  type UsageTotals,
} from './agent-events/agent-event.js';
export { AGENT_STATES, AgentState, isFinalState, type FinalAgentState } from './agent-events/agent-state.js';
export { applyAgentEvent } from './agent-events/apply-agent-event.js';
export { dropOldestItems } from './agent-events/conversation-items.js';
export { ConversationSnapshot } from './agent-events/conversation-snapshot.js';
export {
  addUsage,
  EMPTY_CONVERSATION,
  NO_USAGE,
  openPrompts,
  totalUsage,
  type ConversationItem,
  type ConversationView,
  type ErrorItem,
  type GapItem,
  type MessageItem,
  type NoticeItem,
  type PromptItem,
  type PromptRequest,
  type QueuedMessage,
  type ToolItem,
} from './agent-events/conversation-view.js';
export { EVENT_LIMITS, VIEW_LIMITS } from './agent-events/event-limits.js';
export { messageEvents, textDeltas } from './agent-events/split-text.js';
