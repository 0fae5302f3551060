import type { Kind } from './operation.ts';

/** One HTTP request of the agent and what became of it. Times: ms since the epoch. */
export interface Attempt {
  readonly kind: Kind;
  readonly marker: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Null when no whole answer came. */
  readonly status: number | null;
  /** `OK`, the code of the problem body, or what happened to the connection. */
  readonly code: string;
}

/** A request as it reached one of the upstreams. */
export interface Arrival {
  readonly marker: string;
  readonly at: number;
  readonly host: string;
  /** It carried the real credential. */
  readonly credentialed: boolean;
}

/** One kill and what followed. */
export interface Strike {
  readonly killedAt: number;
  /** The process was seen to be gone. */
  readonly goneAt: number;
  /** Its successor's own start, as the kernel has it. */
  readonly bornAt: number;
  /** service.json names it: it says that it is ready. */
  readonly readyAt: number;
  /** When a person began to unlock again, and when that was over; null where the keys were not lost. */
  readonly unlocked: { readonly from: number; readonly to: number } | null;
  readonly held: readonly HeldOperation[];
}

/** An asked operation that waited for a person while the process was killed. */
export interface HeldOperation {
  readonly marker: string;
  /** Where it stood at the kill. */
  readonly stood: 'held' | 'pending' | 'approved';
  /** The last answer. */
  readonly code: string;
}
