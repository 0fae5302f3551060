import type { ColdTunnel } from '../generator/job.js';
import type { Dial } from '../generator/dial.js';
import type { Upstream } from '../upstream/start-upstream.js';

/** What stands between client and upstream. `direct` is nothing: what the others add is counted from it. */
export const CONTESTANTS = ['direct', 'squid', 'mitmproxy', 'bare-node', 'aileron', 'aileron-split'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export interface ContestantInput {
  readonly upstream: Upstream;
  /** Its own, empty, removed at the end. Short, for there may be sockets in it. */
  readonly directory: string;
}

export interface Contestant {
  readonly name: ContestantName;
  /** What was started, with its version. */
  readonly version: string;
  readonly dial: Dial;
  /** Roots of its process trees; may change when a part is started anew. */
  processes(): readonly number[];
  /** Ways that were never used. */
  coldTunnels(count: number): Promise<readonly ColdTunnel[]>;
  /** Of the probe in its process, where there is one. */
  readonly probeSocket?: string;
  /** Of Aileron in one process: what its CPU is divided by. */
  readonly parts?: { readonly pid: number; readonly databasePid: number };
  close(): Promise<void>;
}

/** The machine has not what this contestant needs. Its column says so. */
export class ContestantMissing extends Error {}
