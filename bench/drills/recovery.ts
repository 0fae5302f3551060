import type { Attempt, Strike } from './journal.ts';

/** How long allowed reads were not answered. */
export interface Recovery {
  /** Since the kill, or since the keys were delivered again where they were lost; null: never again. */
  readonly ms: number | null;
  readonly since: 'kill' | 'unlock';
  /** Since the kill in any case. */
  readonly sinceKillMs: number | null;
}

/**
 * Reads have recovered with the first good answer to one that was sent after the last one that failed: from then on all are
 * answered. `until`: the next kill, or the end; what was open then is that one's.
 */
export function recoveryOf(attempts: readonly Attempt[], strike: Strike, until: number): Recovery {
  const since = strike.unlocked === null ? 'kill' : 'unlock';
  const base = strike.unlocked?.to ?? strike.killedAt;
  const reads = attempts.filter(
    ({ kind, endedAt }) => kind === 'read' && endedAt >= strike.killedAt && endedAt < until,
  );
  const failed = reads.filter(({ code }) => code !== 'OK').map(({ startedAt }) => startedAt);
  const lastFailure = Math.max(strike.killedAt, ...failed);
  const good = reads.filter(({ code, startedAt }) => code === 'OK' && startedAt >= lastFailure);
  if (good.length === 0) return { ms: null, since, sinceKillMs: null };
  const answeredAt = failed.length === 0 ? strike.killedAt : Math.min(...good.map(({ endedAt }) => endedAt));
  return { ms: Math.max(0, answeredAt - base), since, sinceKillMs: answeredAt - strike.killedAt };
}

/** Reads are answered again, and none has failed since `calmSince`. */
export function hasRecovered(attempts: readonly Attempt[], strike: Strike, calmSince: number): boolean {
  if (strike.killedAt > calmSince || recoveryOf(attempts, strike, Infinity).ms === null) return false;
  return !attempts.some(({ kind, code, endedAt }) => kind === 'read' && code !== 'OK' && endedAt > calmSince);
}
