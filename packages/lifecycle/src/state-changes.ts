import { Component, type Condition } from './component.js';
import type { Step, StepList } from './creation-step.js';
import type { Operation } from './operation.js';
import type { Intent, Phase, WorkspaceState } from './workspace-state.js';

/** What people see of a transition: an event of the workspace's stream. */
export type LifecycleChange =
  | { readonly kind: 'intent'; readonly intent: Intent }
  | {
      readonly kind: 'phase';
      readonly from: Phase | null;
      readonly to: Phase;
      readonly reason: string;
      readonly message: string;
    }
  | { readonly kind: 'operation'; readonly operation: Operation | null }
  | { readonly kind: 'condition'; readonly component: Component; readonly condition: Condition }
  /** A new list of steps replaces the one before. */
  | { readonly kind: 'plan'; readonly steps: StepList }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'removed'; readonly confirmed: boolean };

/**
 * What changed from one state to the next, in the order in which it is told; `null` is before the workspace was opened.
 * A worker's renewed lease is no change, nor a deadline that moved because the runtime was heard of.
 */
export function changesBetween(before: WorkspaceState | null, after: WorkspaceState): LifecycleChange[] {
  if (before === after) return [];
  return [
    ...intentChange(before, after),
    ...phaseChange(before, after),
    ...operationChange(before, after),
    ...conditionChanges(before, after),
    ...stepChanges(before?.steps ?? null, after.steps),
    ...removalChange(before, after),
  ];
}

function intentChange(before: WorkspaceState | null, { intent }: WorkspaceState): LifecycleChange[] {
  return before?.intent.generation === intent.generation ? [] : [{ kind: 'intent', intent }];
}

function phaseChange(before: WorkspaceState | null, after: WorkspaceState): LifecycleChange[] {
  const { phase, reason, message } = after;
  const same = before?.phase === phase && before.reason === reason && before.message === message;
  return same ? [] : [{ kind: 'phase', from: before?.phase ?? null, to: phase, reason, message }];
}

function operationChange(before: WorkspaceState | null, { operation }: WorkspaceState): LifecycleChange[] {
  const earlier = before?.operation ?? null;
  const same =
    earlier?.number === operation?.number &&
    earlier?.attempt === operation?.attempt &&
    earlier?.stage.name === operation?.stage.name;
  return same ? [] : [{ kind: 'operation', operation }];
}

function conditionChanges(before: WorkspaceState | null, after: WorkspaceState): LifecycleChange[] {
  return Component.options.flatMap((component): LifecycleChange[] => {
    const condition = after.conditions[component];
    const earlier = before?.conditions[component];
    if (condition === undefined) return [];
    const same = (['status', 'reason', 'message', 'attempt'] as const).every(
      (key) => earlier?.[key] === condition[key],
    );
    return same ? [] : [{ kind: 'condition', component, condition }];
  });
}

const STEP_FACTS = ['status', 'bytes', 'message'] as const;

function stepChanges(before: StepList | null, after: StepList | null): LifecycleChange[] {
  if (after === null || before === after) return [];
  if (before?.operation !== after.operation || before.attempt !== after.attempt)
    return [{ kind: 'plan', steps: after }];
  return after.list
    .filter((step, index) => STEP_FACTS.some((fact) => step[fact] !== before.list[index]?.[fact]))
    .map((step) => ({ kind: 'step', step }));
}

function removalChange(before: WorkspaceState | null, { removed }: WorkspaceState): LifecycleChange[] {
  if (removed === null || before?.removed?.confirmed === removed.confirmed) return [];
  return [{ kind: 'removed', confirmed: removed.confirmed }];
}
