import type { AgentCommand } from '../agent-definition.js';
import type { AgentEventBody, AgentEventOf, UsageTotals } from '@aileron/contracts/agent-events';
import type { AgentCapabilities, PermissionMode, PromptAnswer, UserMessage } from './agent-adapter.js';

/** How a process of the agent is to begin. */
export type Beginning =
  | { readonly kind: 'new'; readonly conversationId: string }
  | { readonly kind: 'resume'; readonly conversationId: string }
  | { readonly kind: 'fork'; readonly conversationId: string; readonly from: string };

export type PromptEvent =
  Omit<AgentEventOf<'permission-request'>, 'expiresAt'> | Omit<AgentEventOf<'question'>, 'expiresAt'>;

/** What a line of the agent means. */
export type ProtocolSignal =
  | { readonly type: 'event'; readonly event: AgentEventBody }
  /** It takes messages now. */
  | { readonly type: 'ready'; readonly model: string | null }
  /** It named its conversation anew. */
  | { readonly type: 'conversation'; readonly conversationId: string; readonly model: string | null }
  | { readonly type: 'activity'; readonly activity: 'working' | 'idle' }
  /** It has taken a message; `recorded`: and would know it after a crash. */
  | { readonly type: 'accepted'; readonly messageId: string; readonly recorded: boolean }
  | { readonly type: 'prompt'; readonly prompt: PromptEvent }
  | { readonly type: 'prompt-cancelled'; readonly promptId: string }
  /** Spent since the last one. */
  | { readonly type: 'usage'; readonly spent: UsageTotals; readonly context: AgentEventOf<'usage'>['context'] }
  /** A line to send back. */
  | { readonly type: 'reply'; readonly line: string }
  | { readonly type: 'conversation-unknown'; readonly reason: string }
  /** It does not do what it was told to: it is ended. */
  | { readonly type: 'unusable'; readonly reason: string }
  /** The line is not what the protocol says. */
  | { readonly type: 'unreadable'; readonly why: string };

/** One process of the agent, as its protocol goes. Pure: it reads and writes nothing. */
export interface ProtocolConnection {
  /** Lines to send first. */
  opening(): readonly string[];
  receive(line: string): readonly ProtocolSignal[];
  encodeMessage(message: UserMessage): string;
  encodeInterrupt(): string;
  /** The prompt was signalled and not cancelled since. */
  encodeAnswer(answer: PromptAnswer): string;
}

/** One conversation's protocol, over all processes that carry it. */
export interface ProtocolDriver {
  command(beginning: Beginning, mode: PermissionMode): AgentCommand;
  connect(beginning: Beginning, mode: PermissionMode): ProtocolConnection;
}

/** An agent as an adapter is built from it. */
export interface AgentProtocol {
  readonly name: string;
  readonly version: string;
  readonly capabilities: AgentCapabilities;
  createDriver(): ProtocolDriver;
}
