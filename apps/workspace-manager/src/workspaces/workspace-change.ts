import { outboxInsert, type SqlStatement } from '@aileron/queue';
import type { LifecycleEffect, WorkspaceState } from '@aileron/lifecycle';
import { JOB_TRIES } from '../jobs/job-tries.js';

/** Names of the jobs. */
export const OPERATION_JOB = 'workspace.operation';
export const INSPECTION_JOB = 'workspace.inspect';
/** For whoever looks at the queue. */
export const WORKSPACE_JOBS = [OPERATION_JOB, INSPECTION_JOB] as const;

const SCHEMA = 'workspace';

/** The job that an effect asks for, as a statement for the outbox; null where it asks for none. */
export function jobStatement(state: WorkspaceState, effect: LifecycleEffect, now: number): SqlStatement | null {
  const { workspaceId } = state;
  if (effect.type === 'dispatch') {
    const { generation, operation, attempt } = effect.job;
    // Dispatched again because nobody took it, it is another job: the queue does not take the same id twice.
    const jobId = `${workspaceId}.${operation}.${attempt}.${now}`;
    return outboxInsert(SCHEMA, {
      orderKey: workspaceId,
      name: OPERATION_JOB,
      payload: { workspaceId, generation, operation, attempt },
      options: { jobId, ...JOB_TRIES },
    });
  }
  if (effect.type === 'inspect') {
    return outboxInsert(SCHEMA, {
      orderKey: workspaceId,
      name: INSPECTION_JOB,
      payload: { workspaceId },
      options: { jobId: `${workspaceId}.inspect.${now}`, ...JOB_TRIES },
    });
  }
  return null;
}
