import { beginOperation } from './begin-operation.js';
import { withCondition } from './condition-update.js';
import { failWorkspace } from './end-operation.js';
import type { FoundEvent } from './lifecycle-event.js';
import type { Outcome, TransitionContext } from './transition-context.js';
import { accept, refuse, type Transition } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

/** What the provisioner really has, held against what should be. Looked up before the last change, it says nothing. */
export function applyFound(state: WorkspaceState, event: FoundEvent, context: TransitionContext): Transition {
  if (event.fence !== state.fence) return refuse('stale-fence', 'The workspace was worked on since that look.');
  if (state.operation !== null) return refuse('busy', 'An operation is going on; it looks for itself.');
  if (event.volume === 'missing' && state.created) return { ok: true, ...loseVolume(state, event, context) };
  if (state.phase === 'running') {
    return event.container === 'running' ? accept(state) : { ok: true, ...rebuild(state, event, context) };
  }
  if (event.container !== 'running') return accept(state);
  const halt = { kind: 'stop', phase: state.phase, reason: 'ran-though-stopped' } as const;
  const failed = { ...halt, reason: state.reason, message: state.message };
  return { ok: true, ...beginOperation(state, state.phase === 'failed' ? failed : halt, context) };
}

/** Its data is gone. Nothing is built in its place: an empty folder would hide the loss. */
function loseVolume(state: WorkspaceState, { container }: FoundEvent, context: TransitionContext): Outcome {
  const failure = { reason: 'volume-lost', message: 'The volume of the workspace is gone.' };
  const condition = { status: 'failed', ...failure, deadline: null, attempt: 0 } as const;
  const marked = withCondition(state, 'volume', condition, context.now);
  return failWorkspace(marked, failure, container === 'running' ? 'perhaps-running' : 'ended', context);
}

function rebuild(state: WorkspaceState, { container }: FoundEvent, context: TransitionContext): Outcome {
  const { now, budgets } = context;
  const { count, since } = state.rebuilds;
  const fresh = now < since || now - since > budgets.rebuilds.windowMs;
  const rebuilds = fresh ? { count: 1, since: now } : { count: count + 1, since };
  if (rebuilds.count > budgets.rebuilds.most) {
    const message = 'Its container ended again and again.';
    return failWorkspace(state, { reason: 'crash-loop', message }, 'ended', context);
  }
  const reason = container === 'missing' ? 'container-vanished' : 'container-exited';
  return beginOperation({ ...state, rebuilds }, { kind: 'rebuild', phase: 'restarting', reason }, context);
}
