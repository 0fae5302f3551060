import type { AgentEvent, AgentState, FinalAgentState } from '@aileron/contracts/agent-events';

/**
 * Who is asked before a tool runs. `ask`: a person, where the agent finds it necessary; `accept-edits`: not for edits in the
 * project; `plan`: nothing is changed before a plan is approved; `bypass`: nobody.
 */
export type PermissionMode = 'ask' | 'accept-edits' | 'plan' | 'bypass';

/** What an agent can do. What it cannot is refused with UNIMPLEMENTED, never done in another way. */
export interface AgentCapabilities {
  readonly modes: readonly PermissionMode[];
  readonly interrupt: boolean;
  readonly resume: boolean;
  readonly fork: boolean;
  /** It may ask the person something: `question` events. */
  readonly questions: boolean;
  /** Its permission requests may offer to remember the answer. */
  readonly suggestions: boolean;
  /** It tells its plan: `plan` events. */
  readonly plan: boolean;
}

/** Takes events in their order, one at a time: the next is given when this one is stored. A rejection ends the conversation. */
export type AgentEventSink = (event: AgentEvent) => Promise<void>;

export interface AgentDeadlines {
  /** From launch until it says that it is ready. */
  readonly startMs: number;
  /** From an interrupt until it is idle; then its process is ended and resumed. */
  readonly interruptMs: number;
  /** From the end until its process is gone; then it is killed. */
  readonly endMs: number;
  /** For a permission request or question; then it is denied. Null: none. */
  readonly promptMs: number | null;
}

export const DEFAULT_DEADLINES: AgentDeadlines = {
  startMs: 60_000,
  interruptMs: 10_000,
  endMs: 5_000,
  promptMs: 3_600_000,
};

export interface StartOptions {
  readonly sink: AgentEventSink;
  /** Default `ask`. */
  readonly mode?: PermissionMode;
  readonly deadlines?: Partial<AgentDeadlines>;
}

export interface ResumeOptions extends StartOptions {
  /** As a `conversation` event named it. */
  readonly conversationId: string;
}

export interface UserMessage {
  /** A UUID. The same id again is the same message and is not sent twice. */
  readonly messageId: string;
  /** At most 200,000 characters. */
  readonly text: string;
}

export interface PromptAnswer {
  readonly promptId: string;
  readonly decision: 'allow' | 'deny';
  /** What the agent reads when it is denied; to a question, the answer to all that have none in `answers`. */
  readonly text?: string;
  /** To a question: by the text of the question. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Of the request's suggestions: what is to be remembered. */
  readonly suggestionIds?: readonly string[];
}

export interface AgentEnd {
  readonly state: FinalAgentState;
  readonly reason: string | null;
}

/** One conversation with one agent. Everything that happens in it is told as events. */
export interface AgentConversation {
  /** Names this object's events. */
  readonly runId: string;
  readonly state: AgentState;
  /** What `resume` takes; null until the agent said it. */
  readonly conversationId: string | null;
  /**
   * Sent at once when it is idle, else queued and sent in order, one a turn.
   * @throws AileronError INVALID_ARGUMENT, PAYLOAD_TOO_LARGE, RATE_LIMITED (queue full), PRECONDITION_FAILED (it is over)
   */
  send(message: UserMessage): 'sent' | 'queued';
  /** Takes a queued message back; false when it is not queued. */
  withdraw(messageId: string): boolean;
  /**
   * Stops the turn under way; over when the agent is idle. Queued messages stay and are sent then. Nothing to stop is no
   * error.
   * @throws AileronError PRECONDITION_FAILED, UNIMPLEMENTED
   */
  interrupt(): Promise<void>;
  /** @throws AileronError NOT_FOUND (no such prompt is open), INVALID_ARGUMENT */
  answer(answer: PromptAnswer): void;
  /** Over when the process is gone and all events are stored. */
  end(): Promise<AgentEnd>;
  /** Never rejects. */
  readonly finished: Promise<AgentEnd>;
}

/** An agent that can be talked to. Conversations begin at once, in state `starting`; what goes wrong is an event. */
export interface AgentAdapter {
  readonly name: string;
  readonly version: string;
  readonly capabilities: AgentCapabilities;
  /** @throws AileronError UNIMPLEMENTED for a mode that it does not have */
  start(options: StartOptions): AgentConversation;
  /** Goes on with an earlier conversation; `context-lost` when the agent does not know it. */
  resume(options: ResumeOptions): AgentConversation;
  /** A new conversation that begins with everything of an earlier one, which stays as it is. */
  fork(options: ResumeOptions): AgentConversation;
}
