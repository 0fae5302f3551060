import { mapConditions } from './condition-update.js';
import type { Condition } from './component.js';
import type { LifecycleBudgets } from './lifecycle-budgets.js';
import type { Operation, Stage } from './operation.js';
import type { WorkspaceState } from './workspace-state.js';

/** Conditions have deadlines of their own while the workspace runs and is not being stopped. */
export const conditionsAwaited = ({ phase, operation }: WorkspaceState): boolean =>
  phase === 'running' && operation?.kind !== 'stop';

/**
 * When the machine has to be ticked next, in milliseconds since 1970; null when it waits for nobody. It is never null
 * while something goes on. Store it beside the state, and look for what is due by it.
 */
export function nextDeadline(state: WorkspaceState): number | null {
  const { operation, conditions } = state;
  if (state.removed !== null) return null;
  const due: number[] = [];
  if (operation !== null) {
    due.push(operation.deadline, operation.stage.until);
    if (operation.stage.name === 'held') due.push(operation.stage.leaseUntil);
  }
  if (conditionsAwaited(state)) {
    for (const [component, { deadline }] of Object.entries(conditions)) {
      if (deadline !== null && component !== operation?.component) due.push(deadline);
    }
  }
  return due.length === 0 ? null : Math.min(...due);
}

/**
 * The state with no deadline further off than its own budget allows. They only are when the clock was set back, and
 * would then be waited for as long as it was set back. The same state when nothing is.
 */
export function pullInDeadlines(state: WorkspaceState, now: number, budgets: LifecycleBudgets): WorkspaceState {
  const { operation } = state;
  const pulled = operation === null ? null : pullInOperation(operation, now, budgets);
  const latest = now + Math.max(budgets.silenceMs, budgets.settleMs);
  const conditions = mapConditions(state.conditions, (_component, condition): Condition => {
    const end = operation === null ? latest : Math.max(latest, pulled?.deadline ?? 0);
    return condition.deadline === null || condition.deadline <= end ? condition : { ...condition, deadline: end };
  });
  const same = Object.entries(conditions).every(([component, condition]) =>
    Object.is(state.conditions[component as keyof typeof conditions], condition),
  );
  return pulled === operation && same ? state : { ...state, operation: pulled, conditions };
}

function pullInOperation(operation: Operation, now: number, budgets: LifecycleBudgets): Operation {
  const { totalMs, attemptMs } = budgets.operations[operation.kind];
  const deadline = Math.min(operation.deadline, now + totalMs);
  const stage = pullInStage(operation.stage, now, { ...budgets, attemptMs });
  return deadline === operation.deadline && stage === operation.stage ? operation : { ...operation, deadline, stage };
}

function pullInStage(stage: Stage, now: number, budgets: LifecycleBudgets & { attemptMs: number }): Stage {
  const most = {
    queued: budgets.pickUpMs,
    held: budgets.attemptMs,
    settling: budgets.settleMs,
    waiting: budgets.backoff.mostMs,
  }[stage.name];
  const until = Math.min(stage.until, now + most);
  if (stage.name !== 'held') return until === stage.until ? stage : { ...stage, until };
  const leaseUntil = Math.min(stage.leaseUntil, now + budgets.leaseMs);
  return until === stage.until && leaseUntil === stage.leaseUntil ? stage : { ...stage, until, leaseUntil };
}
