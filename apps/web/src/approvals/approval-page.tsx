import type { ApprovalView } from '@aileron/contracts/rest';
import { Card, Failure, Skeleton, VisibleText } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { approvalQuery } from '../api/approvals.js';
import { problemOf } from '../api/problem.js';
import { t } from '../i18n/translate.js';
import { formatRelative, formatTime } from '../time/format.js';
import { ApprovalStateBadge } from './approval-state.js';
import { DecisionForm } from './decision-form.js';

/** One request that asks: who, what exactly, why it asks, and the decision. */
export const ApprovalPage = () => {
  const { approvalId } = useParams({ from: '/shell/approvals/$approvalId' });
  const { data, error, isPending, refetch } = useQuery(approvalQuery(approvalId));
  if (isPending) return <Skeleton className="h-72" />;
  if (data === undefined) {
    const { message, action, problem } = problemOf(error);
    return <Failure title={message} action={action} code={problem.code} onRetry={() => void refetch()} />;
  }
  return (
    <Card aria-label={t('Approval')} className="flex flex-col gap-4 p-4 lg:p-5">
      <div className="flex flex-wrap items-start gap-2">
        <h2 className="min-w-0 flex-1 text-base font-semibold break-words">
          <VisibleText text={data.preview.summary} />
        </h2>
        <ApprovalStateBadge state={data.state} />
      </div>
      <Facts approval={data} />
      <Arguments preview={data.preview} />
      {data.state === 'pending' ? <DecisionForm approval={data} /> : <Decided approval={data} />}
    </Card>
  );
};

const Facts = ({ approval }: { readonly approval: ApprovalView }) => {
  const { preview } = approval;
  const rows: readonly (readonly [string, string])[] = [
    [t('Agent'), approval.agent],
    [t('Operation'), approval.operation],
    [t('Request'), `${preview.method} ${preview.target}`],
    [t('Asked by rule'), approval.rule],
    [t('Credential'), preview.credential ?? t('none')],
    [t('Body'), t('{count} bytes, SHA-256 {digest}', { count: preview.bodyBytes, digest: preview.bodySha256 })],
    [t('Session'), approval.sessionId],
    [t('Asked'), formatTime(approval.createdAt)],
    [
      t('Decide by'),
      t('{time} ({when}); then it is denied', {
        time: formatTime(approval.expiresAt),
        when: formatRelative(approval.expiresAt),
      }),
    ],
  ];
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1.5">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 font-mono text-xs leading-5 break-all">
            <VisibleText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
};

const Arguments = ({ preview }: Pick<ApprovalView, 'preview'>) => (
  <div className="flex flex-col gap-1.5">
    <h3 className="text-xs font-medium text-muted">{t('What is sent')}</h3>
    <pre
      tabIndex={0}
      aria-label={t('Arguments')}
      className="max-h-80 overflow-auto rounded-md border border-line bg-page p-3 font-mono text-xs whitespace-pre-wrap"
    >
      <VisibleText text={JSON.stringify(preview.arguments, null, 2)} />
    </pre>
    {!preview.bodyShown && (
      <p className="text-xs text-warn">
        {t('The arguments do not show the whole body; its digest above covers all of it.')}
      </p>
    )}
  </div>
);

const Decided = ({ approval }: { readonly approval: ApprovalView }) => (
  <p className="text-muted">
    {approval.decidedBy === null
      ? t('Nobody decided.')
      : t('Decided by {person}, {time}.', {
          person: approval.decidedBy,
          time: approval.decidedAt === null ? '-' : formatTime(approval.decidedAt),
        })}
    {approval.reason !== null && (
      <>
        {' '}
        {t('Reason:')} <VisibleText text={approval.reason} />
      </>
    )}
  </p>
);
