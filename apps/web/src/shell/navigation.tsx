import { Badge, classNames } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bot, ListChecks, ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import { approvalsQuery } from '../api/approvals.js';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: ReactNode;
}

const PLACES: readonly Place[] = [
  { to: '/approvals', label: 'Approvals', icon: <ListChecks aria-hidden /> },
  { to: '/sessions', label: 'Sessions', icon: <Bot aria-hidden /> },
  { to: '/audit', label: 'Audit', icon: <ScrollText aria-hidden /> },
];

/** A column beside the page, a bar below it on a narrow screen. */
export const Navigation = () => {
  const waiting = useQuery(approvalsQuery('pending')).data?.approvals.length ?? 0;
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface lg:static lg:w-52 lg:shrink-0 lg:flex-col lg:gap-1 lg:border-t-0 lg:border-r lg:p-3"
    >
      {PLACES.map(({ to, label, icon }) => (
        <Link
          key={to}
          to={to}
          className={classNames(
            'flex flex-1 flex-col items-center gap-1 px-2 py-2 text-xs text-muted lg:flex-none lg:flex-row lg:gap-3 lg:rounded-md lg:px-3 lg:text-sm',
            'hover:bg-raised [&_svg]:size-5 lg:[&_svg]:size-4',
          )}
          activeProps={{ className: 'text-text font-medium lg:bg-raised' }}
        >
          {icon}
          <span className="flex items-center gap-1.5">
            {label}
            {to === '/approvals' && waiting > 0 && <Badge tone="warn">{waiting}</Badge>}
          </span>
        </Link>
      ))}
    </nav>
  );
};
