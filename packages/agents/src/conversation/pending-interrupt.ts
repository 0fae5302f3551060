import type { AgentClock } from './agent-clock.js';

/** An interrupt that was asked for and is over when the agent is idle. */
export class PendingInterrupt {
  private pending: PromiseWithResolvers<void> | null = null;
  private stopTimer = (): void => undefined;

  constructor(
    private readonly clock: AgentClock,
    private readonly deadlineMs: number,
    private readonly onIgnored: () => void,
  ) {}

  /** False when one is under way already. */
  begin(): boolean {
    if (this.pending !== null) return false;
    this.pending = Promise.withResolvers();
    this.stopTimer = this.clock.after(this.deadlineMs, this.onIgnored);
    return true;
  }

  get over(): Promise<void> {
    return this.pending?.promise ?? Promise.resolve();
  }

  settle(): void {
    this.stopTimer();
    this.pending?.resolve();
    this.pending = null;
  }
}
