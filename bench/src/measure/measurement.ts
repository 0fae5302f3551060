import type { ContestantName } from '../contestants/contestant.js';
import type { JobResult } from '../generator/job.js';
import type { EventLoopDelay } from '../probe/process-probe.js';
import type { Workload } from './workloads.js';

/** One workload of one contestant in one round. */
export interface Measurement extends JobResult {
  readonly contestant: ContestantName;
  readonly workload: Workload;
  readonly round: number;
  /** Of all its processes. */
  readonly cpuMicros: number;
}

/** A turn that broke off: whoever closes connections or answers anything but 200 is named. The turn is then taken again. */
export interface Failure {
  readonly contestant: ContestantName;
  readonly workload: Workload;
  readonly round: number;
  readonly reason: string;
}

/** Bytes, each page counted once. */
export interface Memory {
  readonly started: number;
  readonly afterLoad: number;
  readonly idleTunnels: { readonly tunnels: number; readonly bytes: number } | { readonly failed: string };
}

export interface ContestantResult {
  readonly name: ContestantName;
  readonly version: string;
  readonly memory: Memory;
  /** By workload, where the event loop can be watched. */
  readonly eventLoop: Partial<Readonly<Record<Workload, EventLoopDelay>>>;
}
