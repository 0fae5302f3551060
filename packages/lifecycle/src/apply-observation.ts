import { withCondition } from './condition-update.js';
import { conditionsAwaited } from './deadline.js';
import { settleRunning } from './end-operation.js';
import type { Observation, ObservedEvent } from './lifecycle-event.js';
import { launchesRuntime } from './operation.js';
import type { TransitionContext } from './transition-context.js';
import { accept, refuse, type Transition } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

/** The runtime's word about itself and its neighbours: conditions, and the end of a launch that waited for it. */
export function applyObservation(state: WorkspaceState, event: ObservedEvent, context: TransitionContext): Transition {
  const launch = currentLaunch(state);
  if (launch === null) return refuse('phase', 'Nothing of this workspace should run.');
  if (launch !== event.launch) return refuse('stale-launch', 'This runtime is not the present one.');
  const observed = event.components.reduce((next, entry) => observe(next, entry, context), state);
  const heard = refreshSilence(observed, context);
  const settling = heard.operation?.stage.name === 'settling' && heard.conditions.runtime?.status === 'ready';
  return settling ? { ok: true, ...settleRunning(heard, context) } : accept(heard);
}

/** The launch whose reports count: that of the worker at work, or of the runtime that is there. Null: none should be. */
function currentLaunch({ phase, operation, launch }: WorkspaceState): number | null {
  if (operation !== null && launchesRuntime(operation)) {
    if (operation.stage.name === 'held') return operation.stage.fence;
    return operation.stage.name === 'settling' ? launch : null;
  }
  return phase === 'running' ? launch : null;
}

function observe(state: WorkspaceState, entry: Observation, { now }: TransitionContext): WorkspaceState {
  const before = state.conditions[entry.component];
  const { status, reason, message } = entry;
  // Not ready yet is what pending means: the deadline of a start stays, whatever is said until then.
  if (before === undefined || (before.status === 'pending' && status === 'not-ready')) return state;
  const silence = entry.component === 'runtime' ? before.deadline : null;
  const attempt = status === 'ready' ? 0 : before.attempt;
  return withCondition(state, entry.component, { status, reason, message, deadline: silence, attempt }, now);
}

/** Not at every report: one that comes soon after the other writes nothing. */
function refreshSilence(state: WorkspaceState, { now, budgets }: TransitionContext): WorkspaceState {
  const { operation } = state;
  const { runtime } = state.conditions;
  if (runtime === undefined || !conditionsAwaited(state) || (operation !== null && launchesRuntime(operation))) {
    return state;
  }
  const deadline = now + budgets.silenceMs;
  const near = runtime.deadline !== null && deadline - runtime.deadline < budgets.silenceMs / 4;
  const heard = runtime.status === 'unknown' || near ? runtime : { ...runtime, deadline, attempt: 0 };
  return withCondition(state, 'runtime', heard, now);
}
