import type { WorkspacePhase, WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { AileronError } from '@aileron/errors';
import { StepLines } from './step-lines.js';
import { workspaceEvents } from './workspace-events.js';

export interface SettleInput {
  readonly client: WorkspaceClient;
  /** As the intent was answered. */
  readonly intent: Pick<WorkspaceView, 'workspaceId' | 'generation'>;
  readonly goal: Extract<WorkspacePhase, 'running' | 'stopped'> | 'removed';
  readonly withinMs: number;
  /** Told of each step. */
  readonly onStep: (line: string) => void;
}

/**
 * Waits until what was wanted is so. Answers with the workspace, null once it is removed.
 * @throws AileronError LAUNCH_FAILED, CONFLICT when somebody wants something else by now, DEADLINE_EXCEEDED
 */
export async function settledWorkspace(input: SettleInput): Promise<WorkspaceView | null> {
  const { client, intent, goal, withinMs, onStep } = input;
  const { workspaceId } = intent;
  const signal = AbortSignal.timeout(withinMs);
  const steps = new StepLines();
  for await (const event of workspaceEvents(client, { workspaceId, signal })) {
    if (event.type === 'removed') return removed(input);
    if (event.type !== 'changed' || event.workspace.generation < intent.generation) continue;
    const { workspace } = event;
    if (workspace.generation > intent.generation)
      throw new AileronError('CONFLICT', { workspaceId, phase: workspace.phase });
    for (const line of steps.next(workspace)) onStep(line);
    if (workspace.phase === goal) return workspace;
    if (workspace.phase === 'failed')
      throw new AileronError('LAUNCH_FAILED', { workspaceId, reason: workspace.reason });
  }
  throw new AileronError('DEADLINE_EXCEEDED', { workspaceId, waitedFor: goal });
}

function removed({ goal, intent: { workspaceId } }: SettleInput): null {
  if (goal === 'removed') return null;
  throw new AileronError('NOT_FOUND', { workspaceId });
}
