import type { AuditComparison } from './audit-comparison.ts';
import type { Target } from './drill-options.ts';
import type { Arrival, Attempt, Strike } from './journal.ts';
import { recoveryOf, type Recovery } from './recovery.ts';
import { whileAway } from './while-away.ts';

/** All that was seen in one target's time under load. */
export interface Observed {
  readonly target: Target;
  readonly recoverWithinMs: number;
  readonly attempts: readonly Attempt[];
  readonly arrivals: readonly Arrival[];
  readonly strikes: readonly Strike[];
  readonly endedAt: number;
  /** Allowed operations that never got a good answer. */
  readonly unanswered: readonly string[];
  readonly comparison: AuditComparison;
  /** What does not verify, or differs between the proxy's log and its copy. */
  readonly auditFaults: readonly string[];
}

/** One line of the table. */
export interface DrillRow {
  readonly target: Target;
  readonly kills: number;
  readonly sent: number;
  readonly answered: number;
  /** By code, most first. */
  readonly refused: Readonly<Record<string, number>>;
  readonly refusedReads: Readonly<Record<string, number>>;
  /** ms after each kill until its successor was started, was ready, and until the keys were delivered again. */
  readonly restarts: readonly {
    readonly startedMs: number;
    readonly readyMs: number;
    readonly unlockedMs: number | null;
  }[];
  readonly recoveries: readonly Recovery[];
  readonly held: { readonly all: number; readonly used: number };
  readonly twice: readonly string[];
  readonly whileAway: { readonly tried: number; readonly awayMs: number; readonly passed: number };
  readonly audit: Pick<AuditComparison, 'answered' | 'received' | 'notSent' | 'unknown'>;
  /** Promises that were broken, each in a sentence. */
  readonly broken: readonly string[];
}

export function rowOf(observed: Observed): DrillRow {
  const { target, attempts, arrivals, strikes, endedAt, comparison } = observed;
  const recoveries = strikes.map((strike, n) => recoveryOf(attempts, strike, strikes[n + 1]?.killedAt ?? endedAt));
  const held = strikes.flatMap((strike) => strike.held);
  const away = whileAway(target, { strikes, attempts, arrivals });
  const twice = arrivedTwice(arrivals);
  const { answered, received, notSent, unknown } = comparison;
  const row = {
    target,
    kills: strikes.length,
    sent: attempts.length,
    answered: attempts.filter(({ code }) => code === 'OK').length,
    refused: countRefused(attempts),
    refusedReads: countRefused(attempts.filter(({ kind }) => kind === 'read')),
    restarts: strikes.map(({ killedAt, bornAt, readyAt, unlocked }) => ({
      startedMs: bornAt - killedAt,
      readyMs: readyAt - killedAt,
      unlockedMs: unlocked === null ? null : unlocked.to - killedAt,
    })),
    recoveries,
    held: { all: held.length, used: held.filter(({ code }) => code === 'OK').length },
    twice,
    whileAway: { tried: away.tried, awayMs: away.awayMs, passed: away.passed.length },
    audit: { answered, received, notSent, unknown },
  };
  return { ...row, broken: brokenPromises(row, observed, away.passed) };
}

function brokenPromises(row: Omit<DrillRow, 'broken'>, observed: Observed, passed: readonly string[]): string[] {
  const { recoverWithinMs, attempts, arrivals, strikes, unanswered, comparison, auditFaults } = observed;
  const forbidden = new Set(attempts.filter(({ kind }) => kind === 'forbidden').map(({ marker }) => marker));
  const unproven = unprovenParts(row, observed);
  return [
    ...row.recoveries.flatMap((recovery, n) => recoveryFault(recovery, n + 1, recoverWithinMs)),
    ...some('allowed operations were never answered', unanswered),
    ...strikes.flatMap(({ held }) =>
      held
        .filter(({ code }) => code !== 'OK')
        .map(({ marker, code }) => `an approval was lost: ${marker} ended ${code}`),
    ),
    ...some('operations reached the upstream twice', row.twice),
    ...some('requests passed while enforcement was away', passed),
    ...some(
      'forbidden operations arrived',
      arrivals.map(({ marker }) => marker).filter((marker) => forbidden.has(marker)),
    ),
    ...some(
      'requests arrived without the real credential',
      arrivals.filter(({ credentialed }) => !credentialed).map(({ marker }) => marker),
    ),
    ...some('audit and upstream differ', comparison.differences),
    ...auditFaults.map((fault) => `audit: ${fault}`),
    ...unproven.map((what) => `nothing was proven: ${what}`),
  ];
}

/** Postgres is back within milliseconds, in which nothing may be due. */
const MOST_UNTRIED_MS = 1_000;

/** A promise holds only where it could have been broken. */
function unprovenParts({ kills, held, whileAway: away }: Omit<DrillRow, 'broken'>, { attempts }: Observed): string[] {
  const kinds = (['read', 'stream', 'asked', 'forbidden'] as const).filter(
    (kind) => !attempts.some((attempt) => attempt.kind === kind),
  );
  return [
    ...(kills === 0 ? ['nothing was killed'] : []),
    ...(held.all < kills ? ['no approval was held'] : []),
    ...(away.tried === 0 && away.awayMs > MOST_UNTRIED_MS ? ['nothing was tried while it was away'] : []),
    ...kinds.map((kind) => `no ${kind} was sent`),
  ];
}

function recoveryFault({ ms, since }: Recovery, n: number, withinMs: number): string[] {
  if (ms === null) return [`allowed reads never recovered from kill ${n}`];
  if (ms <= withinMs) return [];
  return [`allowed reads needed ${(ms / 1_000).toFixed(1)} s to recover from kill ${n}, counted from the ${since}`];
}

const SHOWN = 5;

function some(what: string, which: readonly string[]): string[] {
  if (which.length === 0) return [];
  const more = which.length > SHOWN ? `, and ${which.length - SHOWN} more` : '';
  return [`${which.length} ${what}: ${which.slice(0, SHOWN).join('; ')}${more}`];
}

/** A marker stands for one request, or for one asked operation however often the agent repeats it. */
function arrivedTwice(arrivals: readonly Arrival[]): string[] {
  const counted = Map.groupBy(arrivals, ({ marker }) => marker);
  return [...counted].flatMap(([marker, all]) => (all.length > 1 ? [`${marker} ${all.length} times`] : []));
}

function countRefused(attempts: readonly Attempt[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { code } of attempts) if (code !== 'OK') counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}
