import { Badge, classNames } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bot, Boxes, Coins, ListChecks, ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import { approvalsQuery } from '../api/approvals.js';
import { meQuery } from '../api/me.js';
import { t } from '../i18n/translate.js';
import { countAttention } from '../workspaces/list-change.js';
import { useWorkspaces } from '../workspaces/use-workspaces.js';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: ReactNode;
}

const PLACES: readonly Place[] = [
  { to: '/workspaces', label: t('Workspaces'), icon: <Boxes aria-hidden /> },
  { to: '/approvals', label: t('Approvals'), icon: <ListChecks aria-hidden /> },
  { to: '/sessions', label: t('Sessions'), icon: <Bot aria-hidden /> },
  { to: '/spend', label: t('Spend'), icon: <Coins aria-hidden /> },
  { to: '/audit', label: t('Audit'), icon: <ScrollText aria-hidden /> },
];

/** How much waits at each place. */
function useWaiting(): Readonly<Record<string, number>> {
  const approvals = useQuery(approvalsQuery('pending')).data?.approvals.length ?? 0;
  const workspaces = countAttention(useWorkspaces().data ?? [])['needs-attention'];
  return { '/approvals': approvals, '/workspaces': workspaces };
}

/** A column beside the page, a bar below it on a narrow screen. `rail`: icons alone, where a page needs the room. */
export const Navigation = ({ rail }: { readonly rail: boolean }) => {
  const waiting = useWaiting();
  const me = useQuery(meQuery).data;
  const places = PLACES.filter(({ to }) => to !== '/workspaces' || me?.workspaces === true);
  return (
    <nav
      aria-label={t('Main')}
      className={classNames(
        'flex shrink-0 border-t border-line bg-surface lg:flex-col lg:gap-1 lg:border-t-0 lg:border-r',
        rail ? 'hidden lg:flex lg:w-14 lg:p-2' : 'order-last lg:order-none lg:w-52 lg:p-3',
      )}
    >
      {places.map((place) => (
        <PlaceLink key={place.to} {...place} rail={rail} count={waiting[place.to] ?? 0} />
      ))}
    </nav>
  );
};

const PlaceLink = ({ to, label, icon, rail, count }: Place & { readonly rail: boolean; readonly count: number }) => (
  <Link
    to={to}
    title={rail ? label : undefined}
    className={classNames(
      'relative flex min-w-0 flex-1 flex-col items-center gap-1 px-1 py-2 text-xs text-muted hover:bg-raised lg:flex-none lg:rounded-md [&_svg]:size-5',
      rail ? 'lg:p-2.5' : 'lg:flex-row lg:gap-3 lg:px-3 lg:text-sm lg:[&_svg]:size-4',
    )}
    activeProps={{ className: 'text-text font-medium lg:bg-raised' }}
  >
    {icon}
    <span className={rail ? 'sr-only' : 'max-w-full truncate'}>{label}</span>
    {count > 0 && (
      <Badge
        tone="warn"
        className={classNames('absolute top-0.5 right-0.5 bg-surface px-1.5', !rail && 'lg:static lg:ml-auto')}
      >
        {count}
      </Badge>
    )}
  </Link>
);
