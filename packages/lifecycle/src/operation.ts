import { z } from 'zod';
import { Message, Ordinal, Reason, Time } from './bounded-value.js';
import { RestartableComponent } from './component.js';

/**
 * What a worker does for a workspace. Only `create` may make a volume: all others work on the one that is there, so that
 * lost data is never replaced by an empty folder. All are idempotent: an attempt may find the half of an earlier one.
 */
export const OperationKind = z.enum([
  'create',
  'start',
  'restart',
  /** A container vanished: a new one on the same volume. */
  'rebuild',
  'restart-component',
  'stop',
  'delete',
  /** Without waiting for anything inside. What it cannot remove is the sweep's. */
  'force-delete',
]);
export type OperationKind = z.infer<typeof OperationKind>;

/** Where an operation stands. `until` is when the machine moves on by itself. */
const Stage = z.discriminatedUnion('name', [
  /** Dispatched; no worker has claimed it. At `until` it is dispatched again. */
  z.strictObject({ name: z.literal('queued'), since: Time, until: Time }),
  /** A worker with this fencing token works on it. `leaseUntil`: it is taken for dead if nothing is heard. */
  z.strictObject({ name: z.literal('held'), since: Time, until: Time, fence: Ordinal, leaseUntil: Time }),
  /** The worker is done; the runtime inside has not yet said that it is ready. */
  z.strictObject({ name: z.literal('settling'), since: Time, until: Time }),
  /** An attempt failed; the next begins at `until`. */
  z.strictObject({ name: z.literal('waiting'), since: Time, until: Time }),
]);
export type Stage = z.infer<typeof Stage>;

export const Failure = z.strictObject({ reason: Reason, message: Message, at: Time });
export type Failure = z.infer<typeof Failure>;

export const Operation = z.strictObject({
  /** Counts the operations of this workspace; a job names it. */
  number: Ordinal,
  kind: OperationKind,
  /** Of `restart-component` alone. */
  component: RestartableComponent.nullable(),
  since: Time,
  /** The end of it all, retries included. */
  deadline: Time,
  attempt: z.int().min(1),
  stage: Stage,
  /** The attempt before this one. */
  lastFailure: Failure.nullable(),
  /** The lowest fencing token that can have been given out for it: a container with an older one is not adopted. */
  firstFence: Ordinal,
});
export type Operation = z.infer<typeof Operation>;

const LAUNCHING: readonly OperationKind[] = ['create', 'start', 'restart', 'rebuild'];
const DELETING: readonly OperationKind[] = ['delete', 'force-delete'];

/** It ends with a workspace that runs. */
export const isLaunching = ({ kind }: Pick<Operation, 'kind'>): boolean => LAUNCHING.includes(kind);
export const isDeleting = ({ kind }: Pick<Operation, 'kind'>): boolean => DELETING.includes(kind);

/** It gives the workspace a runtime with a launch number of its own. */
export const launchesRuntime = (operation: Pick<Operation, 'kind' | 'component'>): boolean =>
  isLaunching(operation) || operation.component === 'runtime';
