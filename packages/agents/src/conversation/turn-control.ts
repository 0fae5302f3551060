import { EVENT_LIMITS } from '@aileron/contracts/agent-events';
import type { UserMessage } from './agent-adapter.js';
import type { AgentClock } from './agent-clock.js';
import type { ConversationLog } from './conversation-log.js';
import { checkMessage, MessageQueue } from './message-queue.js';
import { messageEvents } from '@aileron/contracts/agent-events';

interface InFlight {
  readonly message: UserMessage;
  /** The agent said that it has it. */
  accepted: boolean;
  /** It would know it after a crash. */
  recorded: boolean;
  readonly stopTimer: () => void;
}

export interface TurnPort {
  /** The agent is idle and takes messages. */
  canSend(): boolean;
  write(message: UserMessage): void;
  /** The agent did not say in time that it has the message. */
  onIgnored(): void;
}

/** One message a turn: sent when the agent is idle, queued while it works. */
export class TurnControl {
  private readonly queue = new MessageQueue();
  private inFlight: InFlight | null = null;

  constructor(
    private readonly log: ConversationLog,
    private readonly port: TurnPort,
    private readonly clock: AgentClock,
    private readonly acceptMs: number,
  ) {}

  /** A message was sent whose turn is not over. */
  get isBusy(): boolean {
    return this.inFlight !== null;
  }

  send(message: UserMessage): 'sent' | 'queued' {
    checkMessage(message);
    const known = this.queue.known(message);
    if (known !== null) return known;
    if (this.inFlight === null && this.port.canSend()) {
      this.queue.remember(message);
      this.dispatch(message);
      return 'sent';
    }
    this.queue.add(message);
    this.queue.remember(message);
    const { messageId, text } = message;
    const head = text.slice(0, EVENT_LIMITS.text);
    this.log.emit({ type: 'queued', messageId, text: head, truncated: head.length < text.length });
    return 'queued';
  }

  withdraw(messageId: string): boolean {
    const withdrawn = this.queue.withdraw(messageId);
    if (withdrawn) this.log.emit({ type: 'unqueued', messageId, reason: 'withdrawn' });
    return withdrawn;
  }

  private dispatch(message: UserMessage): void {
    const { messageId, text } = message;
    this.flyWith(message);
    const facts = { messageId, role: 'user', kind: 'text', done: true, parentToolCallId: null } as const;
    for (const event of messageEvents(facts, text)) this.log.emit(event);
    this.port.write(message);
  }

  private flyWith(message: UserMessage): void {
    const stopTimer = this.clock.after(this.acceptMs, () => this.port.onIgnored());
    this.inFlight = { message, accepted: false, recorded: false, stopTimer };
  }

  onAccepted(messageId: string, recorded: boolean): void {
    if (this.inFlight?.message.messageId !== messageId) return;
    this.inFlight.stopTimer();
    this.inFlight.accepted = true;
    this.inFlight.recorded ||= recorded;
  }

  /** The agent is idle. Before it has the message in flight, that is of an earlier turn. */
  onIdle(): void {
    if (this.inFlight?.accepted === true) this.inFlight = null;
    this.sendNext();
  }

  sendNext(): void {
    if (this.inFlight !== null || !this.port.canSend()) return;
    const message = this.queue.take();
    if (message === null) return;
    this.log.emit({ type: 'unqueued', messageId: message.messageId, reason: 'sent' });
    this.dispatch(message);
  }

  /** The process is gone. True when a turn was cut that the agent knows of. */
  onProcessLost(): boolean {
    const lost = this.inFlight;
    lost?.stopTimer();
    if (lost?.recorded !== true) return false;
    this.inFlight = null;
    return true;
  }

  /** A new process takes messages: one that the last one may not have taken goes again, under its id. */
  onResumed(): void {
    const again = this.inFlight?.message;
    if (again === undefined) return;
    this.flyWith(again);
    this.port.write(again);
  }

  /** It is over: what waits is not sent. */
  drop(): void {
    this.inFlight?.stopTimer();
    this.inFlight = null;
    for (let message = this.queue.take(); message !== null; message = this.queue.take()) {
      this.log.emit({ type: 'unqueued', messageId: message.messageId, reason: 'ended' });
    }
  }
}
