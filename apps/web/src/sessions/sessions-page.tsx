import type { SessionView } from '@aileron/contracts/rest';
import { Badge, Button, Card, Confirm, Empty, Failure, SkeletonRows } from '@aileron/ui';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bot } from 'lucide-react';
import { problemOf } from '../api/problem.js';
import { endSession, sessionsQuery } from '../api/sessions.js';
import { t } from '../i18n/translate.js';
import { PageHead } from '../shell/page-head.js';
import { formatRelative } from '../time/format.js';

/** Every run of an agent, what it may still do, and its end. */
export const SessionsPage = () => (
  <>
    <PageHead title={t('Sessions')} />
    <div className="px-4 pb-6 lg:px-6">
      <SessionList />
    </div>
  </>
);

const SessionList = () => {
  const { data, error, isPending, refetch } = useQuery(sessionsQuery);
  if (isPending) return <SkeletonRows label={t('Loading sessions')} />;
  if (data === undefined) {
    const { message, action, problem } = problemOf(error);
    return <Failure title={message} action={action} code={problem.code} onRetry={() => void refetch()} />;
  }
  if (data.sessions.length === 0) {
    return (
      <Empty icon={<Bot />} title={t('No agent has run yet')}>
        <code className="font-mono">aileron launch claude-code</code> {t('starts one in a sandbox; it appears here.')}
      </Empty>
    );
  }
  return (
    <ul aria-label={t('Sessions')} className="flex flex-col gap-2">
      {data.sessions.map((session) => (
        <SessionCard key={session.sessionId} session={session} />
      ))}
    </ul>
  );
};

const SessionCard = ({ session }: { readonly session: SessionView }) => (
  <li>
    <Card className="flex flex-wrap items-center gap-x-3 gap-y-2 p-3">
      <span className="font-medium">{session.agent}</span>
      <StateBadge session={session} />
      <span className="font-mono text-xs text-muted">{session.sessionId}</span>
      <span className="text-xs text-muted">{t('started {when}', { when: formatRelative(session.createdAt) })}</span>
      <span className="ml-auto flex items-center gap-3">
        <Link className="text-accent underline" to="/audit" search={{ sessionId: session.sessionId }}>
          {t('Audit')}
        </Link>
        {session.state !== 'ended' && <EndSession session={session} />}
      </span>
    </Card>
  </li>
);

const StateBadge = ({ session }: { readonly session: SessionView }) => {
  if (session.state === 'ended') return <Badge>{t('Ended')}</Badge>;
  if (session.locked) return <Badge tone="warn">{t('Locked')}</Badge>;
  return <Badge tone="good">{session.state === 'active' ? t('Running') : t('Starting')}</Badge>;
};

const EndSession = ({ session }: { readonly session: SessionView }) => {
  const queries = useQueryClient();
  return (
    <Confirm
      trigger={<Button size="small">{t('End')}</Button>}
      title={t('End the session of {agent}?', { agent: session.agent })}
      confirm={t('End the session')}
      danger
      onConfirm={async () => {
        await endSession(session.sessionId);
        await queries.invalidateQueries({ queryKey: ['sessions'] });
      }}
    >
      <p>
        {t(
          'Its streams and tunnels are cut within a second, its approvals are cancelled, and its keys are forgotten. The agent’s process goes on without any way out.',
        )}{' '}
        <span className="font-mono text-xs">{session.sessionId}</span>
      </p>
    </Confirm>
  );
};
