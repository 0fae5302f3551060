import type { WorkspaceEvent } from '@aileron/contracts/workspace';
import { redactText } from '@aileron/telemetry';
import type { Clock } from '@aileron/service-host';

const FLUSH_MS = 200;
const MOST_WAITING = 1_000;
const LONGEST_LINE = 4_000;

/** The raw lines of an operation, written to the workspace's stream a few times a second. */
export class StepLog {
  #waiting: WorkspaceEvent[] = [];
  #dropped = 0;
  #step: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly write: (events: readonly WorkspaceEvent[]) => Promise<void>,
  ) {}

  enterStep(number: number): void {
    this.#step = number;
  }

  line(text: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(this.#event(redactText(text).slice(0, LONGEST_LINE).toWellFormed()));
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Writes what waits. A log that cannot be written stops nobody. */
  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const events = this.#waiting;
    this.#waiting = [];
    if (this.#dropped > 0) events.push(this.#event(`… ${this.#dropped} more lines`));
    this.#dropped = 0;
    if (events.length === 0) return;
    this.#writing = this.#writing.then(() => this.write(events)).catch(() => undefined);
  }

  #event(text: string): WorkspaceEvent {
    return { type: 'line', at: new Date(this.clock.now()).toISOString(), step: this.#step, text };
  }
}
