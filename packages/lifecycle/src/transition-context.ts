import type { LifecycleBudgets } from './lifecycle-budgets.js';
import type { LifecycleEffect } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

/** What a transition is given beside the state. */
export interface TransitionContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly budgets: LifecycleBudgets;
}

/** A part of a transition that cannot be refused. */
export interface Outcome {
  readonly state: WorkspaceState;
  readonly effects: readonly LifecycleEffect[];
}
