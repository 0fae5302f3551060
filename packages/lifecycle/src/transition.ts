import { applyClaim } from './apply-claim.js';
import { applyFound } from './apply-found.js';
import { applyIntent } from './apply-intent.js';
import { applyObservation } from './apply-observation.js';
import { applyReport } from './apply-report.js';
import { applyTick } from './apply-tick.js';
import { MAX_NOW } from './bounded-value.js';
import { pullInDeadlines } from './deadline.js';
import { DEFAULT_BUDGETS, type LifecycleBudgets } from './lifecycle-budgets.js';
import { LifecycleEvent } from './lifecycle-event.js';
import type { TransitionContext } from './transition-context.js';
import { accept, refuse, type Transition } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

/**
 * The workspace after an event, and what is to be done about it; or why the event does not count. Pure, and total: it
 * throws for no event, and gives back the same state object when nothing changes, so that nothing need be written.
 *
 * @param now milliseconds since 1970. It may jump: a deadline is never further off than its budget.
 */
export function transition(
  state: WorkspaceState,
  event: LifecycleEvent,
  now: number,
  budgets: LifecycleBudgets = DEFAULT_BUDGETS,
): Transition {
  if (!Number.isInteger(now) || now < 0 || now > MAX_NOW) return refuse('invalid-clock', 'The clock is out of range.');
  const parsed = LifecycleEvent.safeParse(event);
  if (!parsed.success) return refuse('invalid-event', 'The event is not of the form it should have.');
  if (state.removed !== null) return applyRemoved(state, parsed.data);
  return apply(pullInDeadlines(state, now, budgets), parsed.data, { now, budgets });
}

function apply(state: WorkspaceState, event: ReturnType<typeof LifecycleEvent.parse>, context: TransitionContext) {
  switch (event.type) {
    case 'intent':
      return applyIntent(state, event, context);
    case 'tick':
      return { ok: true, ...applyTick(state, context) } as const;
    case 'claim':
      return applyClaim(state, event, context);
    case 'report':
      return applyReport(state, event, context);
    case 'observed':
      return applyObservation(state, event, context);
    case 'found':
      return applyFound(state, event, context);
    case 'swept':
      return refuse('phase', 'The workspace was not removed.');
  }
}

/** Of a workspace that was removed there is one thing left to learn: that nothing of it is left. */
function applyRemoved(state: WorkspaceState, event: ReturnType<typeof LifecycleEvent.parse>): Transition {
  if (event.type === 'tick') return accept(state);
  if (event.type !== 'swept') return refuse('removed', 'The workspace was removed.');
  if (state.removed?.confirmed !== false) return accept(state);
  return accept({ ...state, removed: { ...state.removed, confirmed: true } }, { type: 'forget' });
}
