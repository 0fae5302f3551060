import { withCondition } from './condition-update.js';
import { applyPlan, applyStep } from './apply-step.js';
import { failAttempt, remove, settleRunning, settleStopped, endSteps } from './end-operation.js';
import type { ReportEvent } from './lifecycle-event.js';
import { isDeleting, launchesRuntime, type Operation, type Stage } from './operation.js';
import type { Component } from './component.js';
import type { Outcome, TransitionContext } from './transition-context.js';
import { accept, refuse, type Transition } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

type Held = Operation & { readonly stage: Extract<Stage, { name: 'held' }> };
type ReportOf<Name> = Extract<ReportEvent['report'], { name: Name }>;

/** A worker's word, from the one that holds the newest token. */
export function applyReport(state: WorkspaceState, event: ReportEvent, context: TransitionContext): Transition {
  const { operation, intent } = state;
  if (event.generation < intent.generation) return refuse('stale-generation', 'People want something else by now.');
  if (event.generation > intent.generation) return refuse('future-generation', 'There is no such generation yet.');
  if (operation?.stage.name !== 'held' || operation.stage.fence !== event.fence) {
    return refuse('stale-fence', 'The token is not the one that holds the work.');
  }
  const held: Held = { ...operation, stage: operation.stage };
  return applyHeld(renewLease(state, held, context), held, event.report, context);
}

function renewLease(state: WorkspaceState, held: Held, { now, budgets }: TransitionContext): WorkspaceState {
  return { ...state, operation: { ...held, stage: { ...held.stage, leaseUntil: now + budgets.leaseMs } } };
}

function applyHeld(
  state: WorkspaceState,
  held: Held,
  report: ReportEvent['report'],
  context: TransitionContext,
): Transition {
  switch (report.name) {
    case 'heartbeat':
      return accept(state);
    case 'plan':
      return applyPlan(state, held, report.steps);
    case 'step':
      return applyStep(state, held, report, context.now);
    case 'condition':
      return applyCondition(state, held, report, context);
    case 'failed':
      return { ok: true, ...dropCancel(failAttempt(state, report, context)) };
    case 'succeeded':
      return applySuccess(state, held, report, context);
  }
}

/** Who reported the end needs no call to stop. */
const dropCancel = ({ state, effects }: Outcome): Outcome => ({
  state,
  effects: effects.filter(({ type }) => type !== 'cancel'),
});

function applyCondition(
  state: WorkspaceState,
  held: Held,
  { component, status, reason, message }: ReportOf<'condition'>,
  { now }: TransitionContext,
): Transition {
  if (state.conditions[component] === undefined) {
    return refuse('no-such-component', 'The workspace was made without it.');
  }
  const deadline = status === 'pending' ? held.deadline : null;
  return accept(withCondition(state, component, { status, reason, message, deadline, attempt: held.attempt }, now));
}

function applySuccess(
  state: WorkspaceState,
  held: Held,
  report: ReportOf<'succeeded'>,
  context: TransitionContext,
): Transition {
  if (isDeleting(held)) {
    return { ok: true, ...remove(endSteps(state, 'done', context.now), { confirmed: true }, context) };
  }
  if (held.kind === 'stop') return { ok: true, ...settleStopped(state, context) };
  const missing = unconfirmed(state, held);
  if (missing !== undefined) {
    const failure = { reason: `${missing}-not-confirmed`, message: `The ${missing} was not reported as ready.` };
    return { ok: true, ...dropCancel(failAttempt(state, { ...failure, retryable: true }, context)) };
  }
  return launchesRuntime(held)
    ? settle(state, held, report.launch, context)
    : endComponentRestart(state, held, context);
}

/** What must have been said to be there before anything runs: a workspace without its policy is not started. */
function unconfirmed({ conditions }: WorkspaceState, held: Held): Component | undefined {
  const needed: readonly Component[] = held.component === null ? ['volume', 'policy'] : ['policy'];
  return needed.find((component) => conditions[component]?.status !== 'ready');
}

/** The runtime has been launched; it runs when it says so itself, under the number it was launched with. */
function settle(
  state: WorkspaceState,
  held: Held,
  adopted: number | undefined,
  context: TransitionContext,
): Transition {
  const { now, budgets } = context;
  const launch = adopted ?? held.stage.fence;
  if (launch < held.firstFence || launch > held.stage.fence) {
    return refuse('stale-launch', 'A container of an earlier operation is not kept.');
  }
  const launched: WorkspaceState = { ...state, launch };
  if (launch === held.stage.fence && state.conditions.runtime?.status === 'ready') {
    return { ok: true, ...settleRunning(launched, context) };
  }
  const { attempt, deadline } = held;
  const stage = { name: 'settling', since: now, until: now + budgets.settleMs } as const;
  const starting = { status: 'pending', reason: 'starting', message: '', deadline, attempt } as const;
  return accept(withCondition({ ...launched, operation: { ...held, stage } }, 'runtime', starting, now));
}

function endComponentRestart(state: WorkspaceState, held: Held, { now, budgets }: TransitionContext): Transition {
  const ended: WorkspaceState = { ...endSteps(state, 'done', now), operation: null };
  const condition = held.component === null ? undefined : state.conditions[held.component];
  if (held.component === null || condition === undefined) return accept(ended);
  const deadline = condition.status === 'pending' ? now + budgets.settleMs : null;
  return accept(withCondition(ended, held.component, { ...condition, deadline }, now));
}
