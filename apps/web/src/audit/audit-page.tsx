import { buildTimeline, type TimelineEntry } from '@aileron/audit';
import {
  Badge,
  Button,
  Empty,
  Failure,
  SelectField,
  SkeletonRows,
  TextField,
  type Tone,
  VisibleText,
} from '@aileron/ui';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { type AuditFilter, auditQuery } from '../api/audit.js';
import { problemOf } from '../api/problem.js';
import { t } from '../i18n/translate.js';
import { PageHead } from '../shell/page-head.js';
import { formatTime } from '../time/format.js';
import { ChainPanel } from './chain-panel.js';

const KINDS = [
  { value: '', label: t('Everything') },
  { value: 'intent', label: t('Intents') },
  { value: 'outcome', label: t('Outcomes') },
  { value: 'refused', label: t('Refusals') },
  { value: 'decision', label: t('Approvals') },
  { value: 'egress', label: t('Other hosts') },
  { value: 'session', label: t('Sessions') },
] as const;

/** One timeline of what agents did, with who allowed it. */
export const AuditPage = () => {
  const filter = useSearch({ from: '/shell/audit' });
  const navigate = useNavigate();
  const change = (part: AuditFilter) => void navigate({ to: '.', search: { ...filter, ...part }, replace: true });
  return (
    <>
      <PageHead title={t('Audit')} />
      <div className="flex flex-col gap-4 px-4 pb-6 lg:px-6">
        <ChainPanel />
        <div role="search" aria-label={t('Filter the audit')} className="grid gap-3 sm:grid-cols-3 lg:max-w-3xl">
          <SelectField
            label={t('What')}
            options={KINDS}
            value={filter.kind ?? ''}
            onChange={({ target }) => change({ kind: target.value || undefined })}
          />
          <TextField
            label={t('Operation')}
            placeholder="linear.create_issue"
            defaultValue={filter.operation ?? ''}
            onChange={({ target }) => change({ operation: target.value.trim() || undefined })}
          />
          <TextField
            label={t('Session')}
            placeholder="ses_…"
            defaultValue={filter.sessionId ?? ''}
            onChange={({ target }) => change({ sessionId: target.value.trim() || undefined })}
          />
        </div>
        <Timeline filter={filter} />
      </div>
    </>
  );
};

const Timeline = ({ filter }: { readonly filter: AuditFilter }) => {
  const query = useInfiniteQuery(auditQuery(filter));
  if (query.isPending) return <SkeletonRows label={t('Loading the audit')} rows={8} />;
  if (query.data === undefined) {
    const { message, action, problem } = problemOf(query.error);
    return <Failure title={message} action={action} code={problem.code} onRetry={() => void query.refetch()} />;
  }
  const entries = buildTimeline(query.data.pages.flatMap(({ records }) => [...records])).toReversed();
  if (entries.length === 0) {
    return (
      <Empty icon={<ScrollText />} title={t('Nothing on record')}>
        {t('Every call of an agent leaves an intent before it is sent and an outcome after. None matches here.')}
      </Empty>
    );
  }
  return (
    <>
      <ol aria-label={t('Timeline')} className="overflow-hidden rounded-lg border border-line bg-surface">
        {entries.map((entry) => (
          <TimelineRow key={entry.id} entry={entry} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button className="self-center" disabled={query.isFetching} onClick={() => void query.fetchNextPage()}>
          {t('Show older ones')}
        </Button>
      )}
    </>
  );
};

const TONES: Readonly<Record<TimelineEntry['kind'], Tone>> = {
  session: 'neutral',
  intent: 'accent',
  approval: 'warn',
  outcome: 'good',
  llm: 'good',
  refused: 'bad',
  egress: 'neutral',
  'unknown-outcome': 'bad',
};

const WORDS: Readonly<Record<TimelineEntry['kind'], string>> = {
  session: t('session'),
  intent: t('intent'),
  approval: t('approval'),
  outcome: t('outcome'),
  llm: t('llm'),
  refused: t('refused'),
  egress: t('egress'),
  'unknown-outcome': t('unknown outcome'),
};

const TimelineRow = ({ entry }: { readonly entry: TimelineEntry }) => (
  <li className="flex flex-col gap-1 border-b border-line px-3 py-2 last:border-b-0 sm:flex-row sm:items-baseline sm:gap-3">
    <time dateTime={entry.at} className="shrink-0 text-xs text-muted tabular-nums sm:w-44">
      {formatTime(entry.at)}
    </time>
    <span className="shrink-0 sm:w-32">
      <Badge tone={TONES[entry.kind]}>{WORDS[entry.kind]}</Badge>
    </span>
    <span className="min-w-0 break-words">
      <VisibleText text={entry.text} />
    </span>
  </li>
);
