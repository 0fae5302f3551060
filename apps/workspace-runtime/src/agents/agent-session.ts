import type { AgentAdapter, AgentConversation, PermissionMode, PromptAnswer, UserMessage } from '@aileron/agents';
import { type AgentEvent, type AgentState, isFinalState } from '@aileron/contracts/agent-events';
import { AileronError } from '@aileron/errors';
import type { StreamPosition } from '@aileron/event-log';
import type { AgentLog } from './agent-log.js';

/** From the end of an agent until its process is killed: shorter than what a service has to end. */
const END_MS = 3_000;

export interface AgentStart {
  readonly adapter: AgentAdapter;
  readonly mode: PermissionMode;
  /** Null: a new conversation. */
  readonly resumeId: string | null;
}

export interface AgentStatusView {
  readonly agentSessionId: string;
  readonly state: AgentState;
  readonly at: StreamPosition | null;
  readonly queued: number;
  readonly conversationId: string | null;
}

/** One agent of the workspace: its conversation, and how it is. All that happens in it is appended to its stream. */
export class AgentSession {
  readonly #queued = new Set<string>();
  #state: AgentState = 'starting';
  #at: StreamPosition | null = null;
  #conversationId: string | null;
  #conversation: AgentConversation;

  constructor(
    readonly agentSessionId: string,
    start: AgentStart,
    private readonly log: AgentLog,
    private readonly onChange: () => void,
  ) {
    this.#conversationId = start.resumeId;
    this.#conversation = this.#begin(start);
  }

  get isOver(): boolean {
    return isFinalState(this.#conversation.state);
  }

  get status(): AgentStatusView {
    const { agentSessionId } = this;
    const [state, at, conversationId] = [this.#state, this.#at, this.#conversationId];
    return { agentSessionId, state, at, queued: this.#queued.size, conversationId };
  }

  /** Another run in the same stream, of one that is over. */
  startAgain(start: AgentStart): void {
    this.#queued.clear();
    this.#conversation = this.#begin(start);
  }

  send(message: UserMessage): 'sent' | 'queued' {
    return this.#conversation.send(message);
  }

  /** @throws AileronError PRECONDITION_FAILED when it is over */
  interrupt(): void {
    if (this.isOver) throw new AileronError('PRECONDITION_FAILED', { state: this.#conversation.state });
    this.#conversation.interrupt().catch(() => undefined);
  }

  answer(answer: PromptAnswer): void {
    this.#conversation.answer(answer);
  }

  async end(): Promise<void> {
    await this.#conversation.end();
  }

  #begin({ adapter, mode, resumeId }: AgentStart): AgentConversation {
    const options = { sink: (event: AgentEvent) => this.#store(event), mode, deadlines: { endMs: END_MS } };
    return resumeId === null ? adapter.start(options) : adapter.resume({ ...options, conversationId: resumeId });
  }

  async #store(event: AgentEvent): Promise<void> {
    const { epoch, lastSeq } = await this.log.append(this.agentSessionId, [event]);
    this.#at = { epoch, seq: lastSeq };
    if (event.type === 'state') this.#state = event.state;
    if (event.type === 'conversation') this.#conversationId = event.conversationId;
    if (event.type === 'queued') this.#queued.add(event.messageId);
    if (event.type === 'unqueued') this.#queued.delete(event.messageId);
    this.onChange();
  }
}
