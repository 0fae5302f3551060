import type { AuditRecord, AuditRecordOf } from './audit-record.js';

export interface AuditSummary {
  readonly intents: number;
  readonly outcomes: number;
  readonly refused: number;
  /** Calls whose end nobody saw: a crash between the two records. */
  readonly open: readonly AuditRecordOf<'intent'>[];
  /** Outcomes without an intent: never written by a proxy that works. */
  readonly orphans: readonly (AuditRecordOf<'outcome'> | AuditRecordOf<'recovered'>)[];
}

/** Pairs each intent with its outcome, or with the record that says its outcome is not known. */
export function summarise(records: Iterable<AuditRecord>): AuditSummary {
  const open = new Map<string, AuditRecordOf<'intent'>>();
  const orphans: (AuditRecordOf<'outcome'> | AuditRecordOf<'recovered'>)[] = [];
  const count = { intents: 0, outcomes: 0, refused: 0 };
  for (const record of records) {
    if (record.kind === 'intent') {
      count.intents += 1;
      open.set(record.id, record);
    } else if (record.kind === 'outcome' || record.kind === 'recovered') {
      count.outcomes += 1;
      if (!open.delete(record.intentId)) orphans.push(record);
    } else if (record.kind === 'refused') {
      count.refused += 1;
    }
  }
  return { ...count, open: [...open.values()], orphans };
}
