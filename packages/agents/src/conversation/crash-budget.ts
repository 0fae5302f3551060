/** How often an agent may crash: more says that it cannot work here. */
const MAX_CRASHES = 3;
const WINDOW_MS = 600_000;

export class CrashBudget {
  private crashes: number[] = [];

  /** Counts a crash at `now`; false when it was one too many. */
  spend(now: number): boolean {
    this.crashes = [...this.crashes.filter((at) => now - at < WINDOW_MS), now];
    return this.crashes.length <= MAX_CRASHES;
  }
}
