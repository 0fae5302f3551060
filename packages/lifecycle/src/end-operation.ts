import { beginOperation, enterPhase, revokeHolder } from './begin-operation.js';
import { isReported, mapConditions, updateCondition, withCondition } from './condition-update.js';
import type { Condition, Conditions } from './component.js';
import type { Step } from './creation-step.js';
import { isDeleting, launchesRuntime, type Failure, type Operation } from './operation.js';
import { retryDelayMs } from './retry-backoff.js';
import type { Outcome, TransitionContext } from './transition-context.js';
import type { WorkspaceState } from './workspace-state.js';

type Reported = Omit<Failure, 'at'>;

/** An attempt is over without success: the next one after a while, or the end of the operation. */
export function failAttempt(
  state: WorkspaceState,
  failure: Reported & { retryable: boolean },
  context: TransitionContext,
): Outcome {
  const { operation } = state;
  if (operation === null) return { state, effects: [] };
  const { now, budgets } = context;
  const spent = operation.attempt >= budgets.operations[operation.kind].attempts;
  if (spent || !failure.retryable || now >= operation.deadline) return giveUp(state, failure, context);
  const revoked = revokeHolder(state);
  const seed = `${state.workspaceId}:${operation.number}`;
  const until = now + retryDelayMs(budgets.backoff, { attempt: operation.attempt, seed });
  const next: Operation = {
    ...operation,
    stage: { name: 'waiting', since: now, until },
    lastFailure: { reason: failure.reason, message: failure.message, at: now },
  };
  return { state: { ...endSteps(revoked.state, 'failed', now), operation: next }, effects: revoked.effects };
}

/** The operation has failed for good. What that means depends on what it was; it is never the end of the road. */
export function giveUp(state: WorkspaceState, failure: Reported, context: TransitionContext): Outcome {
  const { operation } = state;
  if (operation === null) return { state, effects: [] };
  const revoked = revokeHolder(endSteps(state, 'failed', context.now));
  const ended: WorkspaceState = { ...revoked.state, operation: null };
  const then = afterFailure(ended, operation, failure, context);
  return { state: then.state, effects: [...revoked.effects, ...then.effects] };
}

function afterFailure(
  state: WorkspaceState,
  operation: Operation,
  failure: Reported,
  context: TransitionContext,
): Outcome {
  if (isDeleting(operation)) return remove(state, { confirmed: false, failure }, context);
  if (operation.component !== null && operation.component !== 'runtime') {
    const { reason, message } = failure;
    const condition = { status: 'failed', reason, message, deadline: null, attempt: operation.attempt } as const;
    const failed = withCondition(state, operation.component, condition, context.now);
    return { state: failed, effects: [] };
  }
  // A stop that failed in a failed workspace was the clean-up: why the workspace failed is more worth knowing.
  if (operation.kind === 'stop' && state.phase === 'failed') {
    return { state: { ...state, conditions: conditionsLeft(state, 'unknown', failure, context.now) }, effects: [] };
  }
  return failWorkspace(state, failure, launchesRuntime(operation) ? 'perhaps-running' : 'unknown', context);
}

/** What is known of the parts of a workspace that failed. */
type Remains = 'perhaps-running' | 'unknown' | 'ended';

/** Failed, with a reason. What may run still is stopped; its data stays. */
export function failWorkspace(
  state: WorkspaceState,
  failure: Reported,
  remains: Remains,
  context: TransitionContext,
): Outcome {
  const conditions = conditionsLeft(state, remains, failure, context.now);
  const entry = { phase: 'failed', reason: failure.reason, message: failure.message } as const;
  const failed = enterPhase({ ...state, conditions }, entry, context.now);
  if (remains === 'perhaps-running') return beginOperation(failed, { kind: 'stop', ...entry }, context);
  return { state: failed, effects: [] };
}

function conditionsLeft({ conditions }: WorkspaceState, remains: Remains, failure: Reported, now: number): Conditions {
  const { reason, message } = failure;
  return mapConditions(conditions, (component, condition): Condition => {
    const runs = isReported(component) && remains !== 'perhaps-running';
    if (condition.status !== 'pending' && !runs) {
      return updateCondition(condition, { ...condition, deadline: null }, now);
    }
    const status = runs && remains === 'ended' ? 'stopped' : 'unknown';
    return updateCondition(condition, { status, reason, message, deadline: null, attempt: condition.attempt }, now);
  });
}

/** The end of a deletion. */
export function remove(
  state: WorkspaceState,
  { confirmed, failure }: { confirmed: boolean; failure?: Reported },
  { now }: TransitionContext,
): Outcome {
  const removed: WorkspaceState = {
    ...state,
    reason: failure?.reason ?? 'removed',
    message: failure?.message ?? '',
    operation: null,
    removed: { at: now, confirmed },
  };
  return { state: removed, effects: [{ type: confirmed ? 'forget' : 'hand-over' }] };
}

/** Stopped as wished; or cleaned up after a failure, which stays. */
export function settleStopped(state: WorkspaceState, { now }: TransitionContext): Outcome {
  const conditions = mapConditions(state.conditions, (component, condition): Condition => {
    if (!isReported(component) && component !== 'policy') return condition;
    return updateCondition(
      condition,
      { status: 'stopped', reason: 'stopped', message: '', deadline: null, attempt: 0 },
      now,
    );
  });
  const ended = { ...endSteps(state, 'done', now), operation: null, conditions };
  const wished = state.intent.want === 'stopped';
  return { state: wished ? enterPhase(ended, { phase: 'stopped', reason: 'stopped' }, now) : ended, effects: [] };
}

/** It runs. Whatever runs beside the runtime has a while yet to say so. */
export function settleRunning(state: WorkspaceState, { now, budgets }: TransitionContext): Outcome {
  const conditions = mapConditions(state.conditions, (component, condition): Condition => {
    if (component === 'runtime') return { ...condition, deadline: now + budgets.silenceMs, attempt: 0 };
    if (condition.status === 'pending') return { ...condition, deadline: now + budgets.settleMs };
    return { ...condition, deadline: null };
  });
  const ended = { ...endSteps(state, 'done', now), operation: null, conditions, created: true };
  return { state: enterPhase(ended, { phase: 'running', reason: 'ready' }, now), effects: [] };
}

/** Steps that were not reported to their end: the running one ends as the attempt did, those to come are left out. */
export function endSteps(state: WorkspaceState, running: 'done' | 'failed', now: number): WorkspaceState {
  const { steps } = state;
  if (steps === null || steps.list.every(({ status }) => status !== 'running' && status !== 'pending')) return state;
  const list = steps.list.map((step): Step => {
    if (step.status === 'pending') return { ...step, status: 'skipped' };
    if (step.status !== 'running') return step;
    return { ...step, status: running, endedAt: Math.max(now, step.startedAt ?? now) };
  });
  return { ...state, steps: { ...steps, list } };
}
