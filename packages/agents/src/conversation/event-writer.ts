import { AGENT_EVENT_VERSION, type AgentEventBody, type AgentEventStamp } from '@aileron/contracts/agent-events';
import type { AgentEventSink } from './agent-adapter.js';
import type { AgentClock } from './agent-clock.js';

/** Stamps events and gives them to the sink in order, one at a time. */
export class EventWriter {
  private next = 0;
  private tail: Promise<void> = Promise.resolve();
  private failed = false;

  constructor(
    private readonly run: string,
    private readonly clock: AgentClock,
    private readonly sink: AgentEventSink,
    private readonly onFailure: (cause: unknown) => void,
  ) {}

  emit(body: AgentEventBody): void {
    const at = new Date(this.clock.now()).toISOString();
    const stamp: AgentEventStamp = { v: AGENT_EVENT_VERSION, run: this.run, n: this.next, at };
    this.next += 1;
    this.tail = this.tail
      .then(async () => {
        // After an event that could not be stored, none follows: a reader would see a gap.
        if (!this.failed) await this.sink({ ...body, ...stamp });
      })
      .catch((error: unknown) => {
        this.failed = true;
        this.onFailure(error);
      });
  }

  /** Over when all events so far are stored, or cannot be. */
  async flushed(): Promise<void> {
    await this.tail;
  }
}
