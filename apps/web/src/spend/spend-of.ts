import type { AuditRecord } from '@aileron/audit';

/** What one session spent on models, as the proxy saw it. */
export interface SessionSpend {
  readonly sessionId: string;
  readonly agent: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of the calls whose price is known. */
  readonly costUsd: number;
  /** Calls whose price is not known: they are not in `costUsd`. */
  readonly unpriced: number;
  readonly lastAt: string;
}

/** The model calls on record, by session, the dearest first. */
export function spendOf(records: readonly AuditRecord[]): readonly SessionSpend[] {
  const sessions = new Map<string, SessionSpend>();
  for (const record of records) {
    if (record.kind !== 'outcome' || record.outcome.tokens === undefined || record.outcome.tokens === null) continue;
    const { sessionId, agent, at, outcome } = record;
    const { tokens, costUsd } = outcome;
    if (sessionId === undefined || tokens === undefined || tokens === null) continue;
    const before = sessions.get(sessionId);
    sessions.set(sessionId, {
      sessionId,
      agent: agent ?? '',
      calls: (before?.calls ?? 0) + 1,
      inputTokens: (before?.inputTokens ?? 0) + tokens.inputTokens + tokens.cacheReadTokens + tokens.cacheWriteTokens,
      outputTokens: (before?.outputTokens ?? 0) + tokens.outputTokens,
      costUsd: (before?.costUsd ?? 0) + (costUsd ?? 0),
      unpriced: (before?.unpriced ?? 0) + (costUsd === undefined || costUsd === null ? 1 : 0),
      lastAt: before === undefined || before.lastAt < at ? at : before.lastAt,
    });
  }
  return [...sessions.values()].toSorted((a, b) => b.costUsd - a.costUsd || b.outputTokens - a.outputTokens);
}
