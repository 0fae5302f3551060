import { z } from 'zod';
import { IncomingMessage, Ordinal, Reason } from './bounded-value.js';
import { Component, ConditionStatus, ReportedComponent, RestartableComponent } from './component.js';
import { MAX_STEPS, StepName, StepStatus } from './creation-step.js';

/** A call of the API. `generation` is the one the caller read, plus one: of two callers one is refused. */
const IntentEvent = z.strictObject({
  type: z.literal('intent'),
  generation: z.int().min(1),
  action: z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal('start') }),
    z.strictObject({ name: z.literal('stop') }),
    z.strictObject({ name: z.literal('restart') }),
    z.strictObject({ name: z.literal('restart-component'), component: RestartableComponent }),
    z.strictObject({ name: z.literal('delete'), force: z.boolean() }),
  ]),
});
export type IntentAction = z.infer<typeof IntentEvent>['action'];

/** Time has passed. */
const TickEvent = z.strictObject({ type: z.literal('tick') });

/** A worker took the job and asks for a fencing token: it is `fence` of the state that answers. */
const ClaimEvent = z.strictObject({
  type: z.literal('claim'),
  generation: z.int().min(1),
  operation: z.int().min(1),
  attempt: z.int().min(1),
});

/** Each report renews the lease of the worker. */
const WorkerReport = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('heartbeat') }),
  /** The steps that are to come, once an attempt. */
  z.strictObject({ name: z.literal('plan'), steps: z.array(StepName).min(1).max(MAX_STEPS) }),
  z.strictObject({
    name: z.literal('step'),
    number: z.int().min(1).max(MAX_STEPS),
    status: StepStatus.exclude(['pending']),
    bytes: z.int().min(0).optional(),
    message: IncomingMessage.optional(),
  }),
  z.strictObject({
    name: z.literal('condition'),
    component: Component,
    status: ConditionStatus.exclude(['unknown']),
    reason: Reason,
    message: IncomingMessage,
  }),
  /** `launch`: the token of an earlier attempt of this operation whose container was found alive and kept. */
  z.strictObject({ name: z.literal('succeeded'), launch: z.int().min(1).optional() }),
  z.strictObject({
    name: z.literal('failed'),
    reason: Reason,
    message: IncomingMessage,
    /** False when a further attempt would end the same way. */
    retryable: z.boolean(),
  }),
]);
export type WorkerReport = z.infer<typeof WorkerReport>;

const ReportEvent = z.strictObject({
  type: z.literal('report'),
  generation: z.int().min(1),
  fence: z.int().min(1),
  report: WorkerReport,
});

/**
 * What the runtime says of what runs beside it. It is not trusted: it speaks of these components alone, and the one
 * thing it can bring about is that a launch whose worker is done counts as running. `launch` comes from its credential.
 */
const ObservedEvent = z.strictObject({
  type: z.literal('observed'),
  launch: z.int().min(1),
  components: z
    .array(
      z.strictObject({
        component: ReportedComponent,
        status: z.enum(['ready', 'not-ready']),
        reason: Reason,
        message: IncomingMessage,
      }),
    )
    .min(1)
    .max(ReportedComponent.options.length)
    .refine((all) => new Set(all.map(({ component }) => component)).size === all.length, 'one entry a component'),
});
export type Observation = z.infer<typeof ObservedEvent>['components'][number];

/** What the provisioner has of the workspace, from an inspection or a sweep. `fence` is that of the state before looking. */
const FoundEvent = z.strictObject({
  type: z.literal('found'),
  fence: Ordinal,
  container: z.enum(['running', 'exited', 'missing']),
  volume: z.enum(['present', 'missing']),
});
export type FoundEvent = z.infer<typeof FoundEvent>;

/** A complete sweep found nothing more of a workspace that was removed. */
const SweptEvent = z.strictObject({ type: z.literal('swept') });

export const LifecycleEvent = z.discriminatedUnion('type', [
  IntentEvent,
  TickEvent,
  ClaimEvent,
  ReportEvent,
  ObservedEvent,
  FoundEvent,
  SweptEvent,
]);
/** As it is handed in. */
export type LifecycleEvent = z.input<typeof LifecycleEvent>;
/** As the schema leaves it. */
type EventOf<Type> = Extract<z.output<typeof LifecycleEvent>, { type: Type }>;
export type IntentEvent = EventOf<'intent'>;
export type ClaimEvent = EventOf<'claim'>;
export type ReportEvent = EventOf<'report'>;
export type ObservedEvent = EventOf<'observed'>;
