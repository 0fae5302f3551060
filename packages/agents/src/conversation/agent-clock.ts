/** Time and timers, passed in so that no test waits for a deadline. */
export interface AgentClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once after `milliseconds`; the returned function calls it off. */
  after(milliseconds: number, run: () => void): () => void;
}

/** More than Node's timers can wait, they would not wait at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: AgentClock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.min(milliseconds, MAX_TIMER_MS));
    // A deadline alone keeps no process alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
