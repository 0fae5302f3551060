import type { Amounts } from '../bench-options.js';
import type { Contestant } from '../contestants/contestant.js';
import type { Job, Opening } from '../generator/job.js';
import type { RequestKind } from '../generator/request-bytes.js';

export const WORKLOADS = [
  'graphql.saturate',
  'graphql.pace',
  'rest.saturate',
  'rest.pace',
  'stream',
  'cold',
  'up',
  'down',
] as const;
export type Workload = (typeof WORKLOADS)[number];

/** What is opened beforehand, and what is measured. */
export interface Task {
  readonly opening: Opening | null;
  readonly job: Job;
}

/** Making a task may start sessions, which is not part of what is measured. */
export async function taskOf(workload: Workload, contestant: Contestant, amounts: Amounts): Promise<Task> {
  const open = (kind: RequestKind, connections: number): Opening => ({ dial: contestant.dial, kind, connections });
  switch (workload) {
    case 'graphql.saturate':
    case 'rest.saturate': {
      const opening = open(workload === 'rest.saturate' ? 'rest' : 'graphql', amounts.connections);
      return { opening, job: { job: 'saturate', seconds: amounts.saturateSeconds } };
    }
    case 'graphql.pace':
    case 'rest.pace': {
      const opening = open(workload === 'rest.pace' ? 'rest' : 'graphql', amounts.paceConnections);
      return { opening, job: { job: 'pace', perSecond: amounts.pacePerSecond, seconds: amounts.paceSeconds } };
    }
    case 'stream':
      return { opening: open('stream', amounts.streams), job: { job: 'streams' } };
    case 'cold': {
      const tunnels = await contestant.coldTunnels(amounts.coldTunnels);
      // What starting sessions leaves to be done is not part of it either.
      await new Promise((resolve) => setTimeout(resolve, amounts.settleMs));
      return { opening: null, job: { job: 'cold', tunnels } };
    }
    case 'up':
    case 'down':
      return { opening: open(workload, 1), job: { job: 'transfer', count: amounts.transfers } };
  }
}
