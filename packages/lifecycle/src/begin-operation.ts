import { mapConditions, updateCondition } from './condition-update.js';
import type { Component, Condition, Conditions, RestartableComponent } from './component.js';
import { isDeleting, isLaunching, type Operation, type OperationKind } from './operation.js';
import type { Outcome, TransitionContext } from './transition-context.js';
import type { LifecycleEffect, LifecycleJob } from './transition-result.js';
import type { Phase, WorkspaceState } from './workspace-state.js';

export interface OperationStart {
  readonly kind: OperationKind;
  readonly component?: RestartableComponent;
  readonly phase: Phase;
  readonly reason: string;
  readonly message?: string;
}

/** Puts an operation in the place of whatever went on. The worker of the one before is told, and refused from here on. */
export function beginOperation(state: WorkspaceState, start: OperationStart, context: TransitionContext): Outcome {
  const { now, budgets } = context;
  const revoked = revokeHolder(state);
  const operation: Operation = {
    number: state.operations + 1,
    kind: start.kind,
    component: start.component ?? null,
    since: now,
    deadline: now + budgets.operations[start.kind].totalMs,
    attempt: 1,
    stage: { name: 'queued', since: now, until: now + budgets.pickUpMs },
    lastFailure: null,
    firstFence: revoked.state.fence + 1,
  };
  const entered = enterPhase(revoked.state, start, now);
  const next: WorkspaceState = {
    ...entered,
    operations: operation.number,
    operation,
    conditions: conditionsAtStart(state.conditions, operation, now),
  };
  return { state: next, effects: [...revoked.effects, { type: 'dispatch', job: jobOf(next, operation) }] };
}

/** Burns the token of the worker that holds the operation, if one does. */
export function revokeHolder(state: WorkspaceState): Outcome {
  const stage = state.operation?.stage;
  if (stage?.name !== 'held') return { state, effects: [] };
  const effects: LifecycleEffect[] = [{ type: 'cancel', fence: stage.fence }];
  return { state: { ...state, fence: state.fence + 1 }, effects };
}

/** The state in this phase; `since` moves only when the phase changes. */
export function enterPhase(
  state: WorkspaceState,
  entry: { phase: Phase; reason: string; message?: string },
  now: number,
): WorkspaceState {
  const since = state.phase === entry.phase ? state.since : now;
  return { ...state, phase: entry.phase, reason: entry.reason, message: entry.message ?? '', since };
}

export const jobOf = (state: WorkspaceState, operation: Operation): LifecycleJob => ({
  workspaceId: state.workspaceId,
  generation: state.intent.generation,
  operation: operation.number,
  attempt: operation.attempt,
  kind: operation.kind,
  component: operation.component,
});

/** What an operation will settle is pending until it has; nothing else is awaited meanwhile when everything stops. */
export function conditionsAtStart(conditions: Conditions, operation: Operation, now: number): Conditions {
  const { kind, deadline, attempt } = operation;
  const concerns = (component: Component) =>
    isLaunching(operation) || isDeleting(operation) || component === operation.component;
  return mapConditions(conditions, (component, condition): Condition => {
    if (concerns(component)) {
      return updateCondition(condition, { status: 'pending', reason: kind, message: '', deadline, attempt }, now);
    }
    return kind === 'stop' ? updateCondition(condition, { ...condition, deadline: null }, now) : condition;
  });
}
