import { VisibleText } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ListChecks } from 'lucide-react';
import { approvalsQuery } from '../api/approvals.js';
import { t } from '../i18n/translate.js';
import { DecisionForm } from '../approvals/decision-form.js';

/** What the workspace wants to send and somebody has to decide: the newest here, with the way to all of it. */
export const WaitingApprovals = ({ sessionId }: { readonly sessionId: string | null }) => {
  const { data } = useQuery({ ...approvalsQuery('pending'), enabled: sessionId !== null });
  const waiting = data?.approvals.filter((approval) => approval.sessionId === sessionId) ?? [];
  const [first] = waiting;
  if (first === undefined) return null;
  return (
    <section aria-label={t('Approval')} className="flex flex-col gap-2 rounded-lg border border-warn/60 p-3">
      <p className="flex items-start gap-2">
        <ListChecks aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <span className="min-w-0 flex-1 break-words">
          <span className="font-mono text-xs text-muted">{first.operation}</span>{' '}
          <VisibleText text={first.preview.summary} />
        </span>
        <Link
          to="/approvals/$approvalId"
          params={{ approvalId: first.approvalId }}
          className="shrink-0 text-xs text-accent underline"
        >
          {waiting.length > 1
            ? t('Everything about it ({count} wait)', { count: waiting.length })
            : t('Everything about it')}
        </Link>
      </p>
      <DecisionForm approval={first} />
    </section>
  );
};
