export { transition } from './transition.js';
export { openWorkspace, type NewWorkspace } from './open-workspace.js';
export { parseWorkspaceState } from './stored-state.js';
export { STATE_VERSION, Intent, Phase, WorkspaceState } from './workspace-state.js';
export { Component, Condition, ConditionStatus, ReportedComponent, RestartableComponent } from './component.js';
export { Failure, Operation, OperationKind, type Stage } from './operation.js';
export { MAX_STEPS, Step, StepList, StepStatus } from './creation-step.js';
export {
  LifecycleEvent,
  type FoundEvent,
  type IntentAction,
  type Observation,
  type WorkerReport,
} from './lifecycle-event.js';
export {
  refusalError,
  type LifecycleEffect,
  type LifecycleJob,
  type Refusal,
  type RefusalReason,
  type Transition,
} from './transition-result.js';
export { DEFAULT_BUDGETS, type LifecycleBudgets, type OperationBudget } from './lifecycle-budgets.js';
export { nextDeadline } from './deadline.js';
export {
  reconcileSweep,
  type FoundResource,
  type Orphan,
  type Sweep,
  type SweepDecision,
  type SweepEvent,
} from './reconcile-sweep.js';
export { changesBetween, type LifecycleChange } from './state-changes.js';
