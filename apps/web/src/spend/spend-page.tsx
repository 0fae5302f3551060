import { Empty } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Coins } from 'lucide-react';
import { spendQuery } from '../api/spend.js';
import { t } from '../i18n/translate.js';
import { Loaded } from '../shell/loaded.js';
import { PageHead } from '../shell/page-head.js';
import { formatCount, formatMoney, formatRelative } from '../time/format.js';
import type { SessionSpend } from './spend-of.js';

/** What agents spent on models, by session, as the proxy saw it. */
export const SpendPage = () => (
  <>
    <PageHead title={t('Spend')} />
    <div className="px-4 pb-6 lg:px-6">
      <Loaded query={useQuery(spendQuery)} label={t('Loading what was spent')}>
        {({ sessions, partial }) =>
          sessions.length === 0 ? (
            <Empty icon={<Coins />} title={t('Nothing was spent yet')}>
              {t('Every call of a model that goes through the proxy is counted here, by session.')}
            </Empty>
          ) : (
            <div className="flex flex-col gap-3">
              <SpendTable sessions={sessions} />
              {partial && <p className="text-xs text-warn">{t('Older calls are not in these numbers.')}</p>}
            </div>
          )
        }
      </Loaded>
    </div>
  </>
);

const COLUMNS = [t('Session'), t('Cost'), t('Calls'), t('Tokens in'), t('Tokens out'), t('Last')] as const;

/** Each row carries its bar: the numbers and the picture are one table. */
const SpendTable = ({ sessions }: { readonly sessions: readonly SessionSpend[] }) => {
  const highest = Math.max(...sessions.map(({ costUsd }) => costUsd), Number.EPSILON);
  const total = sessions.reduce((sum, { costUsd }) => sum + costUsd, 0);
  return (
    <div
      className="overflow-x-auto rounded-lg border border-line bg-surface"
      tabIndex={0}
      role="group"
      aria-label={t('Spend by session')}
    >
      <table className="w-full min-w-[36rem] text-left text-xs tabular-nums [&_td]:px-3 [&_td]:py-2 [&_th]:px-3 [&_th]:py-2">
        <caption className="px-3 pt-3 text-left text-sm font-medium">
          {t('{total} in all', { total: formatMoney(total) })}
        </caption>
        <thead className="text-muted">
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <SpendRow key={session.sessionId} session={session} highest={highest} />
          ))}
        </tbody>
      </table>
    </div>
  );
};

const SpendRow = ({ session, highest }: { readonly session: SessionSpend; readonly highest: number }) => (
  <tr className="border-t border-line">
    <th scope="row" className="font-normal">
      <Link to="/audit" search={{ sessionId: session.sessionId }} className="text-accent underline">
        {session.agent || session.sessionId}
      </Link>
      <span className="block font-mono text-muted">{session.sessionId}</span>
    </th>
    <td className="w-1/3">
      <span className="flex items-center gap-2">
        <span aria-hidden className="h-3 flex-1 overflow-hidden rounded bg-raised">
          <span className="block h-full bg-accent" style={{ width: `${(session.costUsd / highest) * 100}%` }} />
        </span>
        <span className="w-20 text-right">{formatMoney(session.costUsd)}</span>
      </span>
      {session.unpriced > 0 && (
        <span className="text-warn">{t('{count} calls without a price', { count: session.unpriced })}</span>
      )}
    </td>
    <td>{formatCount(session.calls)}</td>
    <td>{formatCount(session.inputTokens)}</td>
    <td>{formatCount(session.outputTokens)}</td>
    <td>{formatRelative(session.lastAt)}</td>
  </tr>
);
