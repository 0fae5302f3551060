import { jobOf } from './begin-operation.js';
import { withCondition } from './condition-update.js';
import { Component, type Condition } from './component.js';
import { failAttempt, giveUp } from './end-operation.js';
import { conditionsAwaited } from './deadline.js';
import type { Operation, Stage } from './operation.js';
import type { Outcome, TransitionContext } from './transition-context.js';
import type { LifecycleEffect } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

/** What time alone brings about. The same state when nothing is due. One tick may leave more that is due: tick again. */
export function applyTick(state: WorkspaceState, context: TransitionContext): Outcome {
  const { operation } = state;
  if (state.removed !== null) return { state, effects: [] };
  if (operation !== null && context.now >= operation.deadline) {
    return giveUp(state, OVERDUE[operation.stage.name], context);
  }
  if (operation !== null && context.now >= stageDeadline(operation.stage)) {
    return endStage(state, operation, context);
  }
  return tickConditions(state, context);
}

const OVERDUE: Readonly<Record<Stage['name'], { reason: string; message: string }>> = {
  queued: { reason: 'not-picked-up', message: 'No worker took the job in time.' },
  held: { reason: 'deadline', message: 'It took longer than allowed.' },
  settling: { reason: 'runtime-not-ready', message: 'The runtime did not become ready in time.' },
  waiting: { reason: 'deadline', message: 'It took longer than allowed, with all retries.' },
};

const stageDeadline = (stage: Stage): number =>
  stage.name === 'held' ? Math.min(stage.until, stage.leaseUntil) : stage.until;

function endStage(state: WorkspaceState, operation: Operation, context: TransitionContext): Outcome {
  switch (operation.stage.name) {
    case 'queued':
      return enqueue(state, operation, context);
    case 'waiting':
      return enqueue(state, { ...operation, attempt: operation.attempt + 1 }, context);
    case 'settling':
      return failAttempt(state, { ...OVERDUE.settling, retryable: true }, context);
    case 'held': {
      const lost = context.now < operation.stage.until;
      const failure = lost ? { reason: 'worker-lost', message: 'The worker was not heard of.' } : OVERDUE.held;
      return failAttempt(state, { ...failure, retryable: true }, context);
    }
  }
}

function enqueue(state: WorkspaceState, operation: Operation, { now, budgets }: TransitionContext): Outcome {
  const queued: Operation = { ...operation, stage: { name: 'queued', since: now, until: now + budgets.pickUpMs } };
  return { state: { ...state, operation: queued }, effects: [{ type: 'dispatch', job: jobOf(state, queued) }] };
}

function tickConditions(state: WorkspaceState, context: TransitionContext): Outcome {
  if (!conditionsAwaited(state)) return { state, effects: [] };
  const effects: LifecycleEffect[] = [];
  let next = state;
  for (const component of Component.options) {
    const condition = state.conditions[component];
    if (condition?.deadline == null || context.now < condition.deadline || component === state.operation?.component) {
      continue;
    }
    next = withCondition(next, component, overdue(component, condition, context), context.now);
    if (component === 'runtime') effects.push({ type: 'inspect', fence: state.fence });
  }
  return { state: next, effects };
}

function overdue(component: Component, condition: Condition, { now, budgets }: TransitionContext): Condition {
  if (component === 'runtime') {
    const silent = { status: 'unknown', reason: 'silent', message: 'The runtime has not been heard of.' } as const;
    return { ...condition, ...silent, deadline: now + budgets.silenceMs, attempt: condition.attempt + 1 };
  }
  return { ...condition, status: 'failed', reason: 'not-ready-in-time', message: '', deadline: null };
}
