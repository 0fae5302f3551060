import { AileronError, type ErrorCode } from '@aileron/errors';
import type { OperationKind } from './operation.js';
import type { RestartableComponent } from './component.js';
import type { WorkspaceState } from './workspace-state.js';

/** What a worker is given to do; it holds ids, never secrets. */
export interface LifecycleJob {
  readonly workspaceId: string;
  readonly generation: number;
  readonly operation: number;
  readonly attempt: number;
  readonly kind: OperationKind;
  readonly component: RestartableComponent | null;
}

/** What follows from a transition, to be stored with the state in one transaction and carried out after it. */
export type LifecycleEffect =
  /** Enqueue the job. Twice does no harm: one claim is accepted. */
  | { readonly type: 'dispatch'; readonly job: LifecycleJob }
  /** Tell the worker with this token to stop. It is refused from here on whether it hears or not. */
  | { readonly type: 'cancel'; readonly fence: number }
  /** Look what the provisioner has, and come back with `found`. */
  | { readonly type: 'inspect'; readonly fence: number }
  /** Removed without proof: the sweep takes away what is left, and says `swept`. */
  | { readonly type: 'hand-over' }
  /** Nothing is left of it: drop the record and its streams. */
  | { readonly type: 'forget' };

export type RefusalReason =
  | 'invalid-clock'
  | 'invalid-event'
  | 'removed'
  | 'stale-generation'
  | 'future-generation'
  | 'stale-operation'
  | 'stale-fence'
  | 'stale-launch'
  | 'not-claimable'
  | 'busy'
  | 'phase'
  | 'nothing-to-do'
  | 'no-such-component'
  | 'no-such-step'
  | 'step-order';

export interface Refusal {
  readonly reason: RefusalReason;
  /** For the log, and for people where the reason does not say it all. Holds no value of the caller's. */
  readonly message: string;
}

export type Transition =
  | { readonly ok: true; readonly state: WorkspaceState; readonly effects: readonly LifecycleEffect[] }
  | { readonly ok: false; readonly refusal: Refusal };

export const accept = (state: WorkspaceState, ...effects: readonly LifecycleEffect[]): Transition => ({
  ok: true,
  state,
  effects,
});

export const refuse = (reason: RefusalReason, message: string): Transition => ({
  ok: false,
  refusal: { reason, message },
});

const CODES: Readonly<Partial<Record<RefusalReason, ErrorCode>>> = {
  'invalid-clock': 'INTERNAL',
  'invalid-event': 'INVALID_ARGUMENT',
  'no-such-component': 'NOT_FOUND',
  'no-such-step': 'INVALID_ARGUMENT',
  'step-order': 'INVALID_ARGUMENT',
  removed: 'NOT_FOUND',
  'stale-generation': 'CONFLICT',
  'future-generation': 'CONFLICT',
  'stale-operation': 'CONFLICT',
  'stale-fence': 'CONFLICT',
  'stale-launch': 'CONFLICT',
};

/** The refusal as an error for the caller: NOT_FOUND, CONFLICT, INVALID_ARGUMENT or PRECONDITION_FAILED. */
export function refusalError({ reason, message }: Refusal): AileronError {
  return new AileronError(CODES[reason] ?? 'PRECONDITION_FAILED', { reason, message });
}
