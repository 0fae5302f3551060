import { Button, Failure, Skeleton } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { Moon, Sun } from 'lucide-react';
import { useEffect } from 'react';
import { approvalsQuery } from '../api/approvals.js';
import { meQuery } from '../api/me.js';
import { problemOf } from '../api/problem.js';
import { LinkNeeded } from '../enter/link-needed.js';
import { Navigation } from './navigation.js';
import { useTheme } from './theme.js';

/** What is around every page: who one is, where one can go. */
export const Shell = () => {
  const me = useQuery(meQuery);
  if (me.isPending) return <Skeleton className="m-6 h-40" />;
  if (me.isError) {
    const { problem, action, message } = problemOf(me.error);
    if (problem.status === 401) return <LinkNeeded />;
    return <Failure title={message} action={action} code={problem.code} onRetry={() => void me.refetch()} />;
  }
  return (
    <div className="flex h-dvh flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:p-2">
        Skip to the page
      </a>
      <Header name={me.data.name} />
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <Navigation />
        <main id="main" className="min-h-0 flex-1 overflow-y-auto pb-20 lg:pb-0">
          <Outlet />
        </main>
      </div>
    </div>
  );
};

const Header = ({ name }: { readonly name: string }) => {
  const [theme, setTheme] = useTheme();
  const waiting = useQuery(approvalsQuery('pending')).data?.approvals.length ?? 0;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Aileron` : 'Aileron';
  }, [waiting]);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-surface px-4">
      <span className="font-semibold tracking-tight">Aileron</span>
      <span className="ml-auto truncate text-muted">{name}</span>
      <Button tone="quiet" size="icon" aria-label={`Use the ${other} theme`} onClick={() => setTheme(other)}>
        {theme === 'dark' ? <Sun aria-hidden /> : <Moon aria-hidden />}
      </Button>
    </header>
  );
};
