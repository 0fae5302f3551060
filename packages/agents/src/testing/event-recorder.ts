import {
  AgentEvent,
  type AgentEventOf,
  type AgentEventType,
  applyAgentEvent,
  type ConversationView,
  EMPTY_CONVERSATION,
} from '@aileron/contracts/agent-events';

const PATIENCE_MS = 25_000;
const MAX_EVENT_BYTES = 256 << 10;

interface Waiting {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
}

/** Keeps the events of one conversation, checks each, and waits for what a test expects. */
export class EventRecorder {
  readonly events: AgentEvent[] = [];
  view: ConversationView = EMPTY_CONVERSATION;
  private waiting: Waiting[] = [];

  /** Give this as the sink. */
  readonly sink = async (event: AgentEvent): Promise<void> => {
    AgentEvent.parse(event);
    if (event.n !== this.events.length) throw new Error(`event ${event.n} came as number ${this.events.length}`);
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytes > MAX_EVENT_BYTES) throw new Error(`an event of type ${event.type} has ${bytes} bytes`);
    this.events.push(event);
    this.view = applyAgentEvent(this.view, event);
    const over = this.waiting.filter(({ isOver }) => isOver());
    this.waiting = this.waiting.filter((each) => !over.includes(each));
    for (const { resolve } of over) resolve();
  };

  ofType<T extends AgentEventType>(type: T): AgentEventOf<T>[] {
    return this.events.filter((event) => event.type === type) as unknown as AgentEventOf<T>[];
  }

  /** In real time, with an end: what never comes fails, and says what came instead. */
  async until(isOver: (view: ConversationView) => boolean, what: string): Promise<void> {
    if (isOver(this.view)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`${what} did not come; ${this.summary()}`)), PATIENCE_MS);
    this.waiting.push({ isOver: () => isOver(this.view), resolve });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** An event of this type from number `from` on. */
  async event<T extends AgentEventType>(type: T, from = 0): Promise<AgentEventOf<T>> {
    const find = () => this.events.slice(from).find((event) => event.type === type);
    await this.until(() => find() !== undefined, `an event of type ${type}`);
    return find() as unknown as AgentEventOf<T>;
  }

  summary(): string {
    const last = this.events.slice(-8).map((event) => JSON.stringify(event).slice(0, 300));
    return `state ${this.view.state} after ${this.events.length} events, the last:\n${last.join('\n')}`;
  }
}
