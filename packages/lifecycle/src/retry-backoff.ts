import type { LifecycleBudgets } from './lifecycle-budgets.js';

/** Spread over a fifth, so that workspaces which failed together do not come back together. FNV-1a, 32 bits. */
function spreadOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193) >>> 0;
  }
  return 0.8 + (hash / 0xffffffff) * 0.2;
}

/** Milliseconds before the next attempt: doubling, bounded, spread. `attempt` is the one that failed, from 1. */
export function retryDelayMs(backoff: LifecycleBudgets['backoff'], failed: { attempt: number; seed: string }): number {
  const doubled = backoff.firstMs * 2 ** Math.min(failed.attempt - 1, 30);
  return Math.ceil(Math.min(doubled, backoff.mostMs) * spreadOf(`${failed.seed}:${failed.attempt}`));
}
