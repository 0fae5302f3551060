import { conditionsAtStart } from './begin-operation.js';
import type { ClaimEvent } from './lifecycle-event.js';
import type { TransitionContext } from './transition-context.js';
import { accept, refuse, type Transition } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

/** A worker takes the operation. Of the same job delivered twice, one is refused; of a job from before, every one. */
export function applyClaim(state: WorkspaceState, event: ClaimEvent, { now, budgets }: TransitionContext): Transition {
  const { operation, intent } = state;
  if (event.generation < intent.generation) return refuse('stale-generation', 'People want something else by now.');
  if (event.generation > intent.generation) return refuse('future-generation', 'There is no such generation yet.');
  if (operation?.number !== event.operation || operation.attempt !== event.attempt) {
    return refuse('stale-operation', 'The job is of an operation or attempt that is over.');
  }
  if (operation.stage.name !== 'queued') return refuse('not-claimable', 'The job is taken, or not due.');
  const fence = state.fence + 1;
  const until = now + budgets.operations[operation.kind].attemptMs;
  const held = {
    ...operation,
    stage: { name: 'held', since: now, until, fence, leaseUntil: now + budgets.leaseMs },
  } as const;
  return accept({ ...state, fence, operation: held, conditions: conditionsAtStart(state.conditions, held, now) });
}
