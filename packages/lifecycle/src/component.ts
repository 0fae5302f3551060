import { z } from 'zod';
import { Message, Ordinal, Reason, Time } from './bounded-value.js';

/** The parts of a workspace that have a condition of their own. Browser and canvas are there when it was made with them. */
export const Component = z.enum(['runtime', 'terminal', 'browser', 'canvas', 'volume', 'policy']);
export type Component = z.infer<typeof Component>;

/** What runs inside the workspace, and may tell about itself. */
export const ReportedComponent = z.enum(['runtime', 'terminal', 'browser', 'canvas']);
export type ReportedComponent = z.infer<typeof ReportedComponent>;

/** What can be restarted alone; for `policy` that is to apply the firewall settings anew. */
export const RestartableComponent = z.enum([...ReportedComponent.options, 'policy']);
export type RestartableComponent = z.infer<typeof RestartableComponent>;

/** Every workspace has these. */
export const REQUIRED_COMPONENTS = ['runtime', 'terminal', 'volume', 'policy'] as const satisfies readonly Component[];

export const ConditionStatus = z.enum(['pending', 'ready', 'not-ready', 'unknown', 'stopped', 'failed']);
export type ConditionStatus = z.infer<typeof ConditionStatus>;

export const Condition = z.strictObject({
  status: ConditionStatus,
  reason: Reason,
  message: Message,
  /** When `status` became what it is. */
  since: Time,
  /** When somebody looks at it again, whatever is reported until then. Null: nothing is awaited. */
  deadline: Time.nullable(),
  /** How often this was tried, or looked at, since it was last well. */
  attempt: Ordinal,
});
export type Condition = z.infer<typeof Condition>;

export type Conditions = Partial<Record<Component, Condition>>;
