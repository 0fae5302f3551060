import type { OperationKind } from './operation.js';

export interface OperationBudget {
  /** The whole operation, waiting and retries included. */
  readonly totalMs: number;
  /** One attempt of a worker. */
  readonly attemptMs: number;
  readonly attempts: number;
}

/** How long everything may take. Milliseconds. Each is an upper bound, also when the clock is set. */
export interface LifecycleBudgets {
  readonly operations: Readonly<Record<OperationKind, OperationBudget>>;
  /** From dispatch to claim; then the job is dispatched again. */
  readonly pickUpMs: number;
  /** A worker that is not heard of for so long is dead. */
  readonly leaseMs: number;
  /** From the worker's success to the runtime's (or the component's) own word. */
  readonly settleMs: number;
  /** A runtime that says nothing for so long is looked after. */
  readonly silenceMs: number;
  /** Waiting after the first failure; it doubles up to the most. Three attempts outlast a part that is started again. */
  readonly backoff: { readonly firstMs: number; readonly mostMs: number };
  /** More rebuilds than this in the window, and the workspace has failed. */
  readonly rebuilds: { readonly most: number; readonly windowMs: number };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const DEFAULT_BUDGETS: LifecycleBudgets = {
  operations: {
    create: { totalMs: 15 * MINUTE, attemptMs: 10 * MINUTE, attempts: 3 },
    start: { totalMs: 5 * MINUTE, attemptMs: 2 * MINUTE, attempts: 3 },
    restart: { totalMs: 5 * MINUTE, attemptMs: 2 * MINUTE, attempts: 3 },
    rebuild: { totalMs: 5 * MINUTE, attemptMs: 2 * MINUTE, attempts: 3 },
    'restart-component': { totalMs: 2 * MINUTE, attemptMs: 45 * SECOND, attempts: 3 },
    stop: { totalMs: 2 * MINUTE, attemptMs: 45 * SECOND, attempts: 3 },
    delete: { totalMs: 3 * MINUTE, attemptMs: 45 * SECOND, attempts: 5 },
    'force-delete': { totalMs: 20 * SECOND, attemptMs: 15 * SECOND, attempts: 2 },
  },
  pickUpMs: 15 * SECOND,
  leaseMs: 20 * SECOND,
  settleMs: 60 * SECOND,
  silenceMs: 45 * SECOND,
  backoff: { firstMs: 4 * SECOND, mostMs: 30 * SECOND },
  rebuilds: { most: 5, windowMs: 10 * MINUTE },
};
