import type { Step } from './creation-step.js';
import type { ReportEvent } from './lifecycle-event.js';
import type { Operation } from './operation.js';
import { accept, refuse, type Transition } from './transition-result.js';
import type { WorkspaceState } from './workspace-state.js';

type StepReport = Extract<ReportEvent['report'], { name: 'step' }>;

const isPlanned = ({ steps }: WorkspaceState, { number, attempt }: Operation): boolean =>
  steps?.operation === number && steps.attempt === attempt;

/** The numbered steps of this attempt, all to come. */
export function applyPlan(state: WorkspaceState, operation: Operation, names: readonly string[]): Transition {
  if (isPlanned(state, operation)) return refuse('step-order', 'The steps of this attempt are planned already.');
  const { number, attempt, kind } = operation;
  const list = names.map((name, index): Step => ({
    number: index + 1,
    name,
    status: 'pending',
    startedAt: null,
    endedAt: null,
    bytes: null,
    message: '',
  }));
  return accept({ ...state, steps: { operation: number, attempt, kind, list } });
}

/** One step goes on. A step that has ended stays as it ended. */
export function applyStep(state: WorkspaceState, operation: Operation, report: StepReport, now: number): Transition {
  const { steps } = state;
  const before = steps?.list[report.number - 1];
  if (steps === null || before === undefined || !isPlanned(state, operation)) {
    return refuse('no-such-step', 'The plan has no such step.');
  }
  if (before.status !== 'pending' && before.status !== 'running') {
    return refuse('step-order', 'The step has ended already.');
  }
  const startedAt = before.startedAt ?? (report.status === 'skipped' ? null : now);
  const step: Step = {
    ...before,
    status: report.status,
    startedAt,
    endedAt: report.status === 'running' ? null : Math.max(now, startedAt ?? now),
    bytes: report.bytes === undefined ? before.bytes : Math.max(report.bytes, before.bytes ?? 0),
    message: report.message ?? before.message,
  };
  return accept({ ...state, steps: { ...steps, list: steps.list.map((other) => (other === before ? step : other)) } });
}
