import {
  addUsage,
  type AgentErrorCode,
  type AgentEventBody,
  type AgentEventOf,
  type AgentState,
  EVENT_LIMITS,
  isFinalState,
  NO_USAGE,
  type UsageTotals,
} from '@aileron/contracts/agent-events';
import type { EventWriter } from './event-writer.js';
import { OpenWork } from './open-work.js';

/** What is told of a conversation: its events and, with them, its state. */
export class ConversationLog {
  state: AgentState = 'starting';
  private readonly open = new OpenWork();
  private spent: UsageTotals = NO_USAGE;
  private named: AgentEventOf<'conversation'> | null = null;

  constructor(private readonly writer: EventWriter) {
    this.emit({ type: 'state', state: 'starting', reason: null });
  }

  get isOver(): boolean {
    return isFinalState(this.state);
  }

  get conversationId(): string | null {
    return this.named?.conversationId ?? null;
  }

  /** Nothing follows a final state. */
  emit(event: AgentEventBody): void {
    if (this.isOver) return;
    this.open.note(event);
    this.writer.emit(event);
  }

  setState(state: AgentState, reason: string | null = null): void {
    if (this.isOver || (state === this.state && reason === null)) return;
    this.writer.emit({ type: 'state', state, reason: reason?.slice(0, EVENT_LIMITS.reason) ?? null });
    this.state = state;
  }

  name(agent: string, conversationId: string, model: string | null): void {
    const known = this.named;
    const event = { type: 'conversation', agent, conversationId, model: model ?? known?.model ?? null } as const;
    if (known?.conversationId === conversationId && known.model === event.model) return;
    this.named = event;
    this.emit(event);
  }

  notice(level: 'info' | 'warning', code: string, text: string): void {
    this.emit({ type: 'notice', level, code, text: text.slice(0, EVENT_LIMITS.note) });
  }

  error(code: AgentErrorCode, text: string): void {
    this.emit({ type: 'error', code, text: text.slice(0, EVENT_LIMITS.note) });
  }

  spend(spent: UsageTotals, context: AgentEventOf<'usage'>['context']): void {
    this.spent = addUsage(this.spent, spent);
    this.emit({ type: 'usage', total: this.spent, context });
  }

  /** Ends what has begun: the process that did it is gone. */
  cutOpenWork(): void {
    for (const event of this.open.cut()) this.emit(event);
  }

  flushed(): Promise<void> {
    return this.writer.flushed();
  }
}
