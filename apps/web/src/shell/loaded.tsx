import { Empty, Failure, SkeletonRows } from '@aileron/ui';
import type { UseQueryResult } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { problemOf } from '../api/problem.js';
import { t } from '../i18n/translate.js';

/** A failure by name, with what to do, and by which id to ask about it. */
export const Problem = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const { problem, message, action } = problemOf(error);
  if (problem.status === 403) {
    return (
      <Empty icon={<Lock />} title={t('You may not see this')}>
        {message} {action}
      </Empty>
    );
  }
  return (
    <Failure
      title={message}
      action={action}
      code={problem.code}
      requestId={problem.requestId}
      {...(onRetry !== undefined && { onRetry })}
    />
  );
};

/** A query in all of its states: on its way, failed, there; and there but not fresh any more. */
export const Loaded = <T,>({
  query,
  label,
  skeleton,
  children,
}: {
  readonly query: UseQueryResult<T>;
  /** Of what is loaded, for who does not see it. */
  readonly label: string;
  readonly skeleton?: ReactNode;
  readonly children: (data: T) => ReactNode;
}) => {
  if (query.data === undefined) {
    if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
    return (
      skeleton ?? (
        <div aria-busy>
          <SkeletonRows label={label} />
        </div>
      )
    );
  }
  return (
    <>
      {query.isError && (
        <p role="status" className="border-b border-warn/40 px-3 py-1.5 text-xs text-warn">
          {t('Not up to date: {reason}', { reason: problemOf(query.error).message })}
        </p>
      )}
      {children(query.data)}
    </>
  );
};
