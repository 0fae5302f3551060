import { z } from 'zod';
import { Message, Ordinal, Reason, Time, WorkspaceId } from './bounded-value.js';
import { Component, Condition, REQUIRED_COMPONENTS } from './component.js';
import { StepList } from './creation-step.js';
import { Operation, isDeleting, isLaunching } from './operation.js';

export const Phase = z.enum(['creating', 'running', 'stopped', 'restarting', 'deleting', 'failed']);
export type Phase = z.infer<typeof Phase>;

/** What people want of the workspace, written by the API. */
export const Intent = z.strictObject({
  /** 1 is the creation; each call that is accepted adds one. */
  generation: z.int().min(1),
  want: z.enum(['running', 'stopped', 'deleted']),
  at: Time,
});
export type Intent = z.infer<typeof Intent>;

/** The version of the stored form that this code writes. */
export const STATE_VERSION = 1;

const Shape = z.strictObject({
  version: z.literal(STATE_VERSION),
  workspaceId: WorkspaceId,
  phase: Phase,
  /** Why the phase is what it is. */
  reason: Reason,
  message: Message,
  since: Time,
  intent: Intent,
  /** The highest fencing token given out or burnt. */
  fence: Ordinal,
  /** The fencing token under which the present runtime was started: its name in everything it reports. 0: none yet. */
  launch: Ordinal,
  /** It ran at least once, so its volume holds what people made. */
  created: z.boolean(),
  /** How many operations there were. */
  operations: Ordinal,
  operation: Operation.nullable(),
  conditions: z.partialRecord(Component, Condition),
  steps: StepList.nullable(),
  /** Rebuilds since `since`: a container that keeps dying is not rebuilt for ever. */
  rebuilds: z.strictObject({ count: Ordinal, since: Time }),
  /** Set at the end of a deletion. `confirmed`: nothing of it is left; else the sweep still has to see to that. */
  removed: z.strictObject({ at: Time, confirmed: z.boolean() }).nullable(),
});

/** The state of one workspace, as it is stored. JSON and back changes nothing. */
export const WorkspaceState = Shape.superRefine((state, context) => {
  for (const message of contradictions(state)) context.addIssue({ code: 'custom', message });
});
export type WorkspaceState = z.infer<typeof WorkspaceState>;

/** What no sequence of transitions leads to. A stored state like that was damaged or made by hand. */
function contradictions(state: z.infer<typeof Shape>): string[] {
  const { phase, operation, removed, conditions } = state;
  const rules: [boolean, string][] = [
    [REQUIRED_COMPONENTS.every((component) => conditions[component] !== undefined), 'a condition is missing'],
    [removed === null || (phase === 'deleting' && operation === null), 'removed, yet something goes on'],
    [phase !== 'deleting' || removed !== null || (operation !== null && isDeleting(operation)), 'deleting by nobody'],
    [!['creating', 'restarting'].includes(phase) || operation !== null, `${phase} by nobody`],
    [operation === null || isAtHome(operation, phase), 'the operation does not fit the phase'],
    [(operation?.component === null) === (operation?.kind !== 'restart-component') || !operation, 'component restart'],
    [operation === null || operation.number === state.operations, 'the operation has another number'],
    [operation?.stage.name !== 'held' || operation.stage.fence === state.fence, 'the holder has another token'],
    [state.launch <= state.fence, 'launched under a token that was not given out'],
    [state.steps?.list.every(({ number }, index) => number === index + 1) ?? true, 'the steps are not numbered'],
    [(state.intent.want === 'deleted') === (phase === 'deleting'), 'deletion and intent disagree'],
  ];
  return rules.filter(([holds]) => !holds).map(([, message]) => message);
}

function isAtHome(operation: Operation, phase: Phase): boolean {
  if (isDeleting(operation)) return phase === 'deleting';
  if (operation.kind === 'create') return phase === 'creating';
  if (isLaunching(operation)) return phase === 'restarting';
  return operation.kind === 'stop' ? phase !== 'deleting' : phase === 'running';
}
