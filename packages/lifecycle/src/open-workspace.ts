import { beginOperation } from './begin-operation.js';
import { WorkspaceId } from './bounded-value.js';
import { REQUIRED_COMPONENTS, type Component, type Conditions } from './component.js';
import { DEFAULT_BUDGETS, type LifecycleBudgets } from './lifecycle-budgets.js';
import type { Outcome } from './transition-context.js';
import { STATE_VERSION } from './workspace-state.js';

export interface NewWorkspace {
  readonly workspaceId: string;
  readonly browser: boolean;
  readonly canvas: boolean;
}

/** A workspace at generation 1, and the job that makes it. Throws a ZodError for an id that is none. */
export function openWorkspace(
  { workspaceId, browser, canvas }: NewWorkspace,
  now: number,
  budgets: LifecycleBudgets = DEFAULT_BUDGETS,
): Outcome {
  const components: Component[] = [...REQUIRED_COMPONENTS];
  if (browser) components.push('browser');
  if (canvas) components.push('canvas');
  const pending = { status: 'pending', reason: 'create', message: '', since: now, deadline: null, attempt: 1 } as const;
  const conditions: Conditions = Object.fromEntries(components.map((component) => [component, pending]));
  const empty = {
    version: STATE_VERSION,
    workspaceId: WorkspaceId.parse(workspaceId),
    phase: 'creating',
    reason: 'create-asked',
    message: '',
    since: now,
    intent: { generation: 1, want: 'running', at: now },
    fence: 0,
    launch: 0,
    created: false,
    operations: 0,
    operation: null,
    conditions,
    steps: null,
    rebuilds: { count: 0, since: now },
    removed: null,
  } as const;
  return beginOperation(empty, { kind: 'create', phase: 'creating', reason: 'create-asked' }, { now, budgets });
}
