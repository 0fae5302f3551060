import { beginOperation, type OperationStart } from './begin-operation.js';
import type { IntentAction, IntentEvent } from './lifecycle-event.js';
import { isLaunching } from './operation.js';
import type { TransitionContext } from './transition-context.js';
import { refuse, type RefusalReason, type Transition } from './transition-result.js';
import type { Intent, WorkspaceState } from './workspace-state.js';

/** What an accepted intent starts. */
interface Decision {
  readonly want: Intent['want'];
  readonly start: OperationStart;
}
type Refused = readonly [RefusalReason, string];

/** A call of the API, over whatever went on before. */
export function applyIntent(state: WorkspaceState, event: IntentEvent, context: TransitionContext): Transition {
  const next = state.intent.generation + 1;
  if (event.generation < next) return refuse('stale-generation', 'The workspace was changed in between.');
  if (event.generation > next) return refuse('future-generation', 'There is no such generation yet.');
  const decision = decide(state, event.action);
  if ('want' in decision) {
    const intent: Intent = { generation: event.generation, want: decision.want, at: context.now };
    return { ok: true, ...beginOperation({ ...state, intent }, decision.start, context) };
  }
  return refuse(...decision);
}

function decide(state: WorkspaceState, action: IntentAction): Decision | Refused {
  if (action.name === 'delete') return decideDelete(state, action.force);
  if (state.phase === 'deleting') return ['phase', 'The workspace is being deleted.'];
  switch (action.name) {
    case 'start':
      return decideStart(state);
    case 'stop':
      return decideStop(state);
    case 'restart':
      return decideRestart(state);
    case 'restart-component':
      return decideComponent(state, action.component);
  }
}

function decideDelete({ operation }: WorkspaceState, force: boolean): Decision | Refused {
  const kind = force ? 'force-delete' : 'delete';
  const underway = operation?.kind === 'force-delete' || operation?.kind === kind;
  if (underway) return ['nothing-to-do', 'The workspace is being deleted already.'];
  return { want: 'deleted', start: { kind, phase: 'deleting', reason: force ? 'delete-forced' : 'delete-asked' } };
}

function decideStart(state: WorkspaceState): Decision | Refused {
  const { operation, phase } = state;
  if (operation !== null && isLaunching(operation)) return ['nothing-to-do', 'The workspace is starting already.'];
  if (phase === 'running' && operation?.kind !== 'stop') return ['nothing-to-do', 'The workspace runs already.'];
  return { want: 'running', start: launch(state, 'start') };
}

function decideStop({ operation, phase, intent }: WorkspaceState): Decision | Refused {
  if (intent.want === 'stopped' && (phase === 'stopped' || operation?.kind === 'stop')) {
    return ['nothing-to-do', 'The workspace is stopped, or about to be.'];
  }
  return { want: 'stopped', start: { kind: 'stop', phase, reason: 'stop-asked' } };
}

function decideRestart(state: WorkspaceState): Decision | Refused {
  if (state.operation?.kind === 'create') return ['phase', 'The workspace is still being created.'];
  return { want: 'running', start: launch(state, state.phase === 'stopped' ? 'start' : 'restart') };
}

function decideComponent(
  { operation, phase, conditions }: WorkspaceState,
  component: NonNullable<OperationStart['component']>,
): Decision | Refused {
  if (conditions[component] === undefined) return ['no-such-component', 'The workspace was made without it.'];
  if (phase !== 'running') return ['phase', 'The workspace does not run.'];
  if (operation !== null) return ['busy', 'Something else is going on in the workspace.'];
  return { want: 'running', start: { kind: 'restart-component', component, phase, reason: 'component-restart-asked' } };
}

/** A workspace that never ran is created; one that did finds its volume. */
function launch(state: WorkspaceState, kind: 'start' | 'restart'): OperationStart {
  return state.created
    ? { kind, phase: 'restarting', reason: `${kind}-asked` }
    : { kind: 'create', phase: 'creating', reason: 'create-asked' };
}
