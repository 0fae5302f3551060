import type { Target } from './drill-options.ts';
import type { Arrival, Attempt, Strike } from './journal.ts';

/** What the agent tried while enforcement was away, and what of it arrived. */
export interface WhileAway {
  readonly tried: number;
  /** All times together, ms. */
  readonly awayMs: number;
  readonly passed: readonly string[];
}

/**
 * Without proxy nobody passes, without credential-service or its keys nobody gets a credential; without the management
 * plane or its database no approval can be used up. A request counts from when the agent sent it: what was on its way at
 * the kill had been decided.
 */
export function whileAway(
  target: Target,
  {
    strikes,
    attempts,
    arrivals,
  }: { strikes: readonly Strike[]; attempts: readonly Attempt[]; arrivals: readonly Arrival[] },
): WhileAway {
  const onlyAsked = target === 'mgmt-plane' || target === 'postgres';
  const byMarker = Map.groupBy(attempts, ({ marker }) => marker);
  const begun = (marker: string, before: number): number =>
    Math.max(0, ...(byMarker.get(marker) ?? []).map(({ startedAt }) => startedAt).filter((at) => at <= before));
  const mayNot = attempts.filter(({ kind }) => kind !== 'forbidden' && (!onlyAsked || kind === 'asked'));
  const markers = new Set(mayNot.map(({ marker }) => marker));
  let tried = 0;
  let awayMs = 0;
  const passed: string[] = [];
  for (const { goneAt, bornAt, unlocked } of strikes) {
    const backAt = unlocked?.from ?? bornAt;
    awayMs += Math.max(0, backAt - goneAt);
    tried += mayNot.filter(({ startedAt }) => startedAt >= goneAt && startedAt < backAt).length;
    for (const { marker, at } of arrivals) {
      if (at < backAt && markers.has(marker) && begun(marker, at) >= goneAt) passed.push(marker);
    }
  }
  return { tried, awayMs, passed };
}
