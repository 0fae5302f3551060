// What an agent's events are and what a conversation looks like: pure, for browsers too.
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
} from './events/agent-event.js';
export { AGENT_STATES, AgentState, isFinalState, type FinalAgentState } from './events/agent-state.js';
export { applyAgentEvent } from './events/apply-agent-event.js';
export {
  EMPTY_CONVERSATION,
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
} from './events/conversation-view.js';
export { EVENT_LIMITS, VIEW_LIMITS } from './events/event-limits.js';
