import type { ApprovalView } from '@aileron/contracts/rest';
import { classNames, Empty, Failure, SelectField, SkeletonRows, VisibleText } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { ListChecks } from 'lucide-react';
import { approvalsQuery } from '../api/approvals.js';
import { problemOf } from '../api/problem.js';
import { t } from '../i18n/translate.js';
import { PageHead } from '../shell/page-head.js';
import { formatRelative } from '../time/format.js';
import { ApprovalStateBadge } from './approval-state.js';

const STATES = [
  { value: 'pending', label: t('Waiting') },
  { value: 'all', label: t('All') },
] as const;
export type ApprovalFilter = (typeof STATES)[number]['value'];

/** What waits for a person, and beside it the one that is looked at. */
export const ApprovalsPage = () => {
  const { state } = useSearch({ from: '/shell/approvals' });
  const navigate = useNavigate();
  return (
    <>
      <PageHead title={t('Approvals')}>
        <SelectField
          label={t('Show')}
          options={STATES}
          value={state}
          onChange={({ target }) =>
            void navigate({ to: '.', search: { state: target.value === 'all' ? 'all' : 'pending' } })
          }
        />
      </PageHead>
      <div className="grid gap-4 px-4 pb-6 lg:grid-cols-[minmax(18rem,24rem)_1fr] lg:px-6">
        <ApprovalList filter={state} />
        <div className="order-first lg:order-last">
          <Outlet />
        </div>
      </div>
    </>
  );
};

const ApprovalList = ({ filter }: { readonly filter: ApprovalFilter }) => {
  const { data, error, isPending, refetch } = useQuery(approvalsQuery(filter));
  if (isPending) return <SkeletonRows label={t('Loading approvals')} />;
  if (data === undefined) {
    const { message, action, problem } = problemOf(error);
    return <Failure title={message} action={action} code={problem.code} onRetry={() => void refetch()} />;
  }
  if (data.approvals.length === 0) {
    return (
      <Empty icon={<ListChecks />} title={filter === 'pending' ? t('Nothing waits for you') : t('No approvals yet')}>
        {t(
          'When an agent wants to do what a policy asks about, its request is held and shown here until somebody decides.',
        )}
      </Empty>
    );
  }
  return (
    <ul aria-label={t('Approvals')} className="flex flex-col gap-2">
      {data.approvals.map((approval) => (
        <ApprovalRow key={approval.approvalId} approval={approval} />
      ))}
    </ul>
  );
};

const ApprovalRow = ({ approval }: { readonly approval: ApprovalView }) => (
  <li>
    <Link
      to="/approvals/$approvalId"
      params={{ approvalId: approval.approvalId }}
      search={(previous) => previous}
      className={classNames('flex flex-col gap-1 rounded-lg border border-line bg-surface p-3 hover:bg-raised')}
      activeProps={{ className: 'border-accent' }}
    >
      <span className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">
          <VisibleText text={approval.preview.summary} />
        </span>
        <ApprovalStateBadge state={approval.state} />
      </span>
      <span className="flex gap-2 text-xs text-muted">
        <span className="font-mono">{approval.operation}</span>
        <span className="ml-auto">{formatRelative(approval.createdAt)}</span>
      </span>
    </Link>
  </li>
);
