import { z } from 'zod';
import { Message, Ordinal, Time } from './bounded-value.js';
import { OperationKind } from './operation.js';

export const MAX_STEPS = 32;

export const StepName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} .,:()/_-]{0,79}$/u, 'must be a short line of text');
export const StepStatus = z.enum(['pending', 'running', 'done', 'skipped', 'failed']);
export type StepStatus = z.infer<typeof StepStatus>;

/** A numbered step of an operation. Its raw log is in the event log, not here. */
export const Step = z.strictObject({
  /** From 1, without a hole. */
  number: z.int().min(1).max(MAX_STEPS),
  name: StepName,
  status: StepStatus,
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
  /** Moved so far, for a pull or a copy; null when the step moves none. */
  bytes: z.int().min(0).nullable(),
  message: Message,
});
export type Step = z.infer<typeof Step>;

/** The steps of the last attempt that had a plan: they stay readable after it, whatever it came to. */
export const StepList = z.strictObject({
  operation: Ordinal,
  attempt: Ordinal,
  kind: OperationKind,
  list: z.array(Step).max(MAX_STEPS),
});
export type StepList = z.infer<typeof StepList>;
