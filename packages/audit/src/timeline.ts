import type { AuditKind, AuditRecord, AuditRecordOf } from './audit-record.js';

type Tokens = NonNullable<AuditRecordOf<'outcome'>['outcome']['tokens']>;

export type TimelineKind =
  'session' | 'intent' | 'approval' | 'outcome' | 'llm' | 'refused' | 'egress' | 'unknown-outcome';

/** One row of what happened, for people. Strings that agents chose are neutral: no control characters. */
export interface TimelineEntry {
  readonly at: string;
  readonly kind: TimelineKind;
  /** Id of the audit record. */
  readonly id: string;
  readonly sessionId: string | null;
  readonly operation: string | null;
  readonly approvalId: string | null;
  readonly status: number | null;
  readonly tokens: Tokens | null;
  readonly costUsd: number | null;
  readonly text: string;
}

/** Rows in the order in which they happened: by stream number within a stream, by time between streams. */
export function buildTimeline(records: Iterable<AuditRecord>): TimelineEntry[] {
  const ordered = [...records].toSorted(byTime);
  const llmIntents = new Set(
    ordered.flatMap((record) => (record.kind === 'outcome' && record.outcome.tokens ? [record.intentId] : [])),
  );
  // The intent of a model call says nothing that its outcome does not.
  return ordered.filter((record) => !llmIntents.has(record.id)).flatMap((record) => entryOf(record) ?? []);
}

function byTime(a: AuditRecord, b: AuditRecord): number {
  if (a.stream === b.stream) return a.seq - b.seq;
  return a.at < b.at ? -1 : Number(a.at > b.at);
}

type Row = Partial<TimelineEntry> & Pick<TimelineEntry, 'kind' | 'text'>;
type Writers = { readonly [K in AuditKind]: (record: AuditRecordOf<K>) => Row | null };

const WRITERS: Writers = {
  session: (r) => ({ kind: 'session', text: `session ${r.event}${because(r.reason)}` }),
  intent: (r) => ({
    kind: 'intent',
    approvalId: r.approval?.id ?? null,
    text: `${r.operation} ${shortArguments(r.arguments)}`.trimEnd(),
  }),
  decision: (r) => ({
    kind: 'approval',
    approvalId: r.approval.id,
    text: `${r.operation} ${r.approval.state}${r.approval.approver ? ` by ${r.approval.approver}` : ''}${because(r.approval.reason)}`,
  }),
  outcome: outcomeRow,
  recovered: (r) => ({ kind: 'unknown-outcome', text: `${r.operation}: whether it was carried out is not known` }),
  refused: (r) => ({
    kind: 'refused',
    status: r.refusal.status,
    approvalId: r.approval?.id ?? null,
    text: `${r.operation ?? target(r.request)} refused: ${r.refusal.code}${because(r.refusal.reason)}`,
  }),
  egress: (r) => ({
    kind: 'egress',
    text: `${r.destination.host}:${r.destination.port} passed through, ${r.outcome.bytesOut} B out, ${r.outcome.bytesIn} B in`,
  }),
  policy: () => null,
  system: () => null,
  checkpoint: () => null,
};

function outcomeRow(record: AuditRecordOf<'outcome'>): Row {
  const { status, tokens = null, costUsd = null, state, latencyMs } = record.outcome;
  const end = `${status ?? 'no status'}${state === 'ok' ? '' : ` (${state})`} in ${Math.round(latencyMs)} ms`;
  if (!tokens) return { kind: 'outcome', status, text: `${record.operation} ${end}` };
  const price = costUsd === null ? 'no price' : `$${costUsd.toFixed(6)}`;
  const counted = `${tokens.inputTokens} in, ${tokens.outputTokens} out${tokens.complete ? '' : ', at least'}`;
  return {
    kind: 'llm',
    status,
    tokens,
    costUsd,
    text: `${tokens.model ?? record.operation} ${end}, ${counted}, ${price}`,
  };
}

function entryOf(record: AuditRecord): TimelineEntry | null {
  const row = (WRITERS[record.kind] as (record: AuditRecord) => Row | null)(record);
  if (row === null) return null;
  return {
    at: record.at,
    id: record.id,
    sessionId: 'sessionId' in record ? (record.sessionId ?? null) : null,
    operation: 'operation' in record ? (record.operation ?? null) : null,
    approvalId: null,
    status: null,
    tokens: null,
    costUsd: null,
    ...row,
    text: neutral(row.text),
  };
}

const because = (reason: string | null | undefined) => (reason ? ` (${reason})` : '');

function target(request: AuditRecordOf<'refused'>['request']): string {
  return [request?.method, `${request?.host ?? ''}${request?.path ?? ''}`].filter(Boolean).join(' ') || 'a request';
}

const LONGEST = 160;

function shortArguments(values: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(values)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Control, bidirectional and zero-width characters could imitate other output; they show as their code. */
function neutral(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}
