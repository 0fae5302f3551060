import type { AgentClock } from '../conversation/agent-clock.js';

/** Time that stands until it is told to move; timers that are due then run, the earliest first. */
export class ManualClock implements AgentClock {
  private timers: { readonly at: number; readonly run: () => void }[] = [];

  constructor(private time = Date.parse('2026-11-21T08:00:00Z')) {}

  now(): number {
    return this.time;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.time + milliseconds, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((each) => each !== due);
      this.time = due.at;
      due.run();
    }
    this.time = end;
  }
}
