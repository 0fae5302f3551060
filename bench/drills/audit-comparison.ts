import type { AuditRecord, AuditRecordOf } from '@aileron/audit';
import type { Arrival } from './journal.ts';
import { markerIn } from './operation.ts';

/** A call of which nobody knows from the audit alone whether the upstream got it. */
export interface UnknownOutcome {
  readonly operation: string;
  readonly marker: string;
  readonly intentId: string;
  /** What wrote it down: the next start of a proxy that was killed, or the proxy itself whose connection broke. */
  readonly by: 'recovered' | 'outcome';
  /** As the upstream itself counted. */
  readonly reached: boolean;
}

export interface AuditComparison {
  /** Calls with an upstream's answer on record. */
  readonly answered: number;
  /** Requests that the upstreams counted. */
  readonly received: number;
  readonly unknown: readonly UnknownOutcome[];
  /** Intents whose end says that nothing was sent. */
  readonly notSent: number;
  /** What the audit and the upstreams disagree about, beyond what is named unknown. */
  readonly differences: readonly string[];
}

interface Story {
  answered: number;
  notSent: number;
  open: number;
  readonly unknown: { readonly operation: string; readonly intentId: string; readonly by: UnknownOutcome['by'] }[];
}

/** Every call on record against every request that the upstreams received, by the agent's own markers. */
export function compareAudit(records: readonly AuditRecord[], arrivals: readonly Arrival[]): AuditComparison {
  const stories = storiesOf(records);
  const received = new Map<string, number>();
  for (const { marker } of arrivals) received.set(marker, (received.get(marker) ?? 0) + 1);
  const differences: string[] = [];
  const unknown: UnknownOutcome[] = [];
  for (const marker of new Set([...stories.keys(), ...received.keys()])) {
    const story = stories.get(marker) ?? { answered: 0, notSent: 0, open: 0, unknown: [] };
    const count = received.get(marker) ?? 0;
    const extra = count - story.answered;
    if (story.open > 0) differences.push(`${marker}: an intent has no end`);
    if (extra < 0 || extra > story.unknown.length)
      differences.push(`${marker}: ${count} received, ${story.answered} answered, ${story.unknown.length} unknown`);
    for (const [at, each] of story.unknown.entries()) unknown.push({ ...each, marker, reached: at < extra });
  }
  const sum = (of: (story: Story) => number): number =>
    [...stories.values()].reduce((all, story) => all + of(story), 0);
  return {
    answered: sum((story) => story.answered),
    notSent: sum((story) => story.notSent),
    received: arrivals.length,
    unknown,
    differences,
  };
}

function storiesOf(records: readonly AuditRecord[]): Map<string, Story> {
  const ends = new Map<string, AuditRecordOf<'outcome'> | AuditRecordOf<'recovered'>>();
  for (const record of records)
    if (record.kind === 'outcome' || record.kind === 'recovered') ends.set(record.intentId, record);
  const stories = new Map<string, Story>();
  for (const record of records) {
    if (record.kind !== 'intent') continue;
    const marker = markerIn(record.arguments) ?? record.id;
    const story = stories.get(marker) ?? { answered: 0, notSent: 0, open: 0, unknown: [] };
    stories.set(marker, story);
    const end = ends.get(record.id);
    if (end === undefined) story.open += 1;
    else if (end.kind === 'outcome' && end.outcome.status !== null) story.answered += 1;
    else if (end.kind === 'outcome' && end.outcome.state !== 'unknown') story.notSent += 1;
    else {
      const by = end.kind === 'recovered' ? 'recovered' : 'outcome';
      story.unknown.push({ operation: record.operation, intentId: record.id, by });
    }
  }
  return stories;
}
