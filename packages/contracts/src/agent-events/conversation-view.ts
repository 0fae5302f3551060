import type {
  AgentErrorCode,
  AgentEventOf,
  FileDiff,
  PlanEntry,
  ToolInput,
  ToolKind,
  UsageTotals,
} from './agent-event.js';
import type { AgentState } from './agent-state.js';

interface Item {
  /** Unique in the view: stable key for a page. */
  readonly key: string;
  readonly at: string;
}

export interface MessageItem extends Item {
  readonly type: 'message';
  readonly messageId: string;
  readonly role: 'user' | 'assistant';
  readonly kind: 'text' | 'thinking';
  readonly text: string;
  /** Characters at the end that are not kept. */
  readonly omitted: number;
  readonly done: boolean;
  readonly interrupted: boolean;
  readonly parentToolCallId: string | null;
}

export interface ToolItem extends Item {
  readonly type: 'tool';
  readonly toolCallId: string;
  readonly name: string;
  readonly kind: ToolKind;
  readonly title: string;
  readonly input: ToolInput | null;
  readonly inputTruncated: boolean;
  readonly status: 'preparing' | 'running' | AgentEventOf<'tool-result'>['outcome'];
  readonly result: { readonly text: string; readonly omitted: number } | null;
  readonly diff: FileDiff | null;
  readonly parentToolCallId: string | null;
}

export type PromptRequest = AgentEventOf<'permission-request'> | AgentEventOf<'question'>;

export interface PromptItem extends Item {
  readonly type: 'prompt';
  readonly promptId: string;
  readonly request: PromptRequest;
  /** Null while somebody is to answer. */
  readonly answer: Omit<AgentEventOf<'prompt-answer'>, 'type' | 'promptId'> | null;
}

export interface NoticeItem extends Item {
  readonly type: 'notice';
  readonly level: 'info' | 'warning';
  readonly code: string;
  readonly text: string;
}

export interface ErrorItem extends Item {
  readonly type: 'error';
  readonly code: AgentErrorCode;
  readonly text: string;
}

/** Events are missing here and will not come. */
export interface GapItem extends Item {
  readonly type: 'gap';
  readonly missing: number;
}

export type ConversationItem = MessageItem | ToolItem | PromptItem | NoticeItem | ErrorItem | GapItem;

export interface QueuedMessage {
  readonly messageId: string;
  readonly text: string;
  readonly truncated: boolean;
}

/** A conversation as its events made it: plain data, so that it is a snapshot as it is. */
export interface ConversationView {
  readonly v: 1;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly agent: string | null;
  readonly conversationId: string | null;
  readonly model: string | null;
  /** Oldest first. */
  readonly items: readonly ConversationItem[];
  /** Older ones that are no longer kept. */
  readonly droppedItems: number;
  /** Characters of all items together. */
  readonly characters: number;
  readonly queue: readonly QueuedMessage[];
  readonly plan: readonly PlanEntry[];
  readonly usage: {
    /** Of runs that are over. */
    readonly earlier: UsageTotals;
    readonly current: UsageTotals;
    /** The run `current` belongs to. */
    readonly run: string | null;
    readonly context: { readonly tokens: number; readonly window: number } | null;
  };
  /** The last event that was applied of each run, the latest run last. */
  readonly applied: readonly { readonly run: string; readonly n: number }[];
}

export const NO_USAGE: UsageTotals = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0,
};

export const EMPTY_CONVERSATION: ConversationView = {
  v: 1,
  state: 'starting',
  reason: null,
  agent: null,
  conversationId: null,
  model: null,
  items: [],
  droppedItems: 0,
  characters: 0,
  queue: [],
  plan: [],
  usage: { earlier: NO_USAGE, current: NO_USAGE, run: null, context: null },
  applied: [],
};

/** Tokens and money of all runs. Money is null as soon as one run does not say. */
export function totalUsage(view: ConversationView): UsageTotals {
  return addUsage(view.usage.earlier, view.usage.current);
}

export function addUsage(a: UsageTotals, b: UsageTotals): UsageTotals {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  };
}

/** Prompts that wait for a person, oldest first. */
export function openPrompts(view: ConversationView): PromptItem[] {
  return view.items.filter((item): item is PromptItem => item.type === 'prompt' && item.answer === null);
}
