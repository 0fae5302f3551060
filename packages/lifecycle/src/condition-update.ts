import { Component, ReportedComponent, type Condition, type Conditions } from './component.js';
import type { WorkspaceState } from './workspace-state.js';

export type ConditionUpdate = Omit<Condition, 'since'>;

/** The condition as it becomes: `since` moves with the status alone. The same object when nothing changes. */
export function updateCondition(before: Condition | undefined, update: ConditionUpdate, now: number): Condition {
  if (before === undefined) return { ...update, since: now };
  const since = before.status === update.status ? before.since : now;
  const after = { ...update, since };
  return (Object.keys(after) as (keyof Condition)[]).every((key) => before[key] === after[key]) ? before : after;
}

/** The state with this condition; the same state when nothing changes, or when the workspace has no such component. */
export function withCondition(
  state: WorkspaceState,
  component: Component,
  update: ConditionUpdate,
  now: number,
): WorkspaceState {
  const before = state.conditions[component];
  if (before === undefined) return state;
  const after = updateCondition(before, update, now);
  return after === before ? state : { ...state, conditions: { ...state.conditions, [component]: after } };
}

/** Every condition through a function, in a fixed order. */
export function mapConditions(
  conditions: Conditions,
  change: (component: Component, condition: Condition) => Condition,
): Conditions {
  const entries = Component.options.flatMap((component) => {
    const condition = conditions[component];
    return condition === undefined ? [] : [[component, change(component, condition)] as const];
  });
  return Object.fromEntries(entries);
}

/** Whether it is about something that runs in the workspace. */
export const isReported = (component: Component): component is ReportedComponent =>
  ReportedComponent.options.some((reported) => reported === component);
