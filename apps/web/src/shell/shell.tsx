import { Badge, Button, classNames, Failure, Menu, SkeletonRows } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { Languages, Moon, Sun } from 'lucide-react';
import { useEffect } from 'react';
import { approvalsQuery } from '../api/approvals.js';
import { meQuery } from '../api/me.js';
import { problemOf } from '../api/problem.js';
import { LinkNeeded } from '../enter/link-needed.js';
import { chooseLocale, LOCALES } from '../i18n/locale.js';
import { t } from '../i18n/translate.js';
import { CommandPalette } from '../palette/command-palette.js';
import { ShortcutSheet } from '../palette/shortcut-sheet.js';
import { countAttention } from '../workspaces/list-change.js';
import { useLiveWorkspaces, useWorkspaces } from '../workspaces/use-workspaces.js';
import { showAttention } from './attention-signal.js';
import { BarePage } from './bare-page.js';
import { keepFocus } from './keep-focus.js';
import { Navigation } from './navigation.js';
import { useTheme } from './theme.js';

/** What is around every page: who one is, where one can go. */
export const Shell = () => {
  const me = useQuery(meQuery);
  if (me.isPending)
    return (
      <BarePage>
        <SkeletonRows label={t('Loading')} />
      </BarePage>
    );
  if (me.isError) {
    const { problem, action, message } = problemOf(me.error);
    if (problem.status === 401) return <LinkNeeded />;
    return (
      <BarePage>
        <Failure title={message} action={action} code={problem.code} onRetry={() => void me.refetch()} />
      </BarePage>
    );
  }
  return <Frame name={me.data.name} />;
};

const Frame = ({ name }: { readonly name: string }) => {
  const inside = useParams({ strict: false }).workspaceId !== undefined;
  useLiveWorkspaces();
  useEffect(keepFocus, []);
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-surface focus:not-sr-only focus:absolute focus:top-1 focus:left-1 focus:p-2"
      >
        {t('Skip to the page')}
      </a>
      <Header name={name} />
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <Navigation rail={inside} />
        <main
          id="main"
          tabIndex={-1}
          className={classNames('min-h-0 min-w-0 flex-1', inside ? 'overflow-hidden' : 'overflow-y-auto')}
        >
          <Outlet />
        </main>
      </div>
      <CommandPalette />
      <ShortcutSheet />
    </div>
  );
};

const Header = ({ name }: { readonly name: string }) => {
  const [theme, setTheme] = useTheme();
  const approvals = useQuery(approvalsQuery('pending')).data?.approvals.length ?? 0;
  const waiting = Math.max(approvals, countAttention(useWorkspaces().data ?? [])['needs-attention']);
  useEffect(() => showAttention(waiting), [waiting]);
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-4">
      <Link to="/" className="font-semibold tracking-tight">
        Aileron
      </Link>
      {approvals > 0 && (
        <Link to="/approvals" search={{ state: 'pending' }} className="lg:hidden">
          <Badge tone="warn">{t('{count} to approve', { count: approvals })}</Badge>
        </Link>
      )}
      <span className="ml-auto truncate text-muted">{name}</span>
      <Menu
        trigger={
          <Button tone="quiet" size="icon" aria-label={t('Language')}>
            <Languages aria-hidden />
          </Button>
        }
        items={(['en', 'de', 'zh'] as const).map((locale) => ({
          label: LOCALES[locale],
          onSelect: () => chooseLocale(locale),
        }))}
      />
      <Button
        tone="quiet"
        size="icon"
        aria-label={theme === 'dark' ? t('Use the light theme') : t('Use the dark theme')}
        onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
      >
        {theme === 'dark' ? <Sun aria-hidden /> : <Moon aria-hidden />}
      </Button>
    </header>
  );
};
