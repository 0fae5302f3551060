import { Empty } from '@aileron/ui';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { ListChecks, MapPinOff } from 'lucide-react';
import { z } from 'zod';
import { EnterPage } from './enter/enter-page.js';
import { t } from './i18n/translate.js';
import { BarePage } from './shell/bare-page.js';
import { HomePage } from './shell/home-page.js';
import { Shell } from './shell/shell.js';
import { PANELS } from './workspace/workspace-view.js';
import { WorkspacesPage } from './workspaces/workspaces-page.js';

const NotFound = () => (
  <BarePage>
    <Empty icon={<MapPinOff />} title={t('There is no such page')}>
      {t('The address may be of an older version.')}
    </Empty>
  </BarePage>
);

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const enter = createRoute({ getParentRoute: () => root, path: '/enter', component: EnterPage });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });
const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: HomePage,
});
const workspaces = createRoute({
  getParentRoute: () => shell,
  path: '/workspaces',
  component: WorkspacesPage,
  validateSearch: z.object({
    search: z.string().max(63).optional().catch(undefined),
    show: z.enum(['running', 'idle', 'needs-attention']).optional().catch(undefined),
  }),
});
const workspace = createRoute({
  getParentRoute: () => shell,
  path: '/workspaces/$workspaceId',
  component: lazyRouteComponent(() => import('./workspace/workspace-page.js'), 'WorkspacePage'),
  validateSearch: z.object({
    panel: z.enum(PANELS).optional().catch(undefined),
    session: z.string().max(64).optional().catch(undefined),
    file: z.string().max(4_096).optional().catch(undefined),
    terminal: z.string().max(64).optional().catch(undefined),
  }),
});
const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./approvals/approvals-page.js'), 'ApprovalsPage'),
  validateSearch: z.object({ state: z.enum(['pending', 'all']).catch('pending').default('pending') }),
});
const approval = createRoute({
  getParentRoute: () => approvals,
  path: '$approvalId',
  component: lazyRouteComponent(() => import('./approvals/approval-page.js'), 'ApprovalPage'),
});
const noApproval = createRoute({
  getParentRoute: () => approvals,
  path: '/',
  component: () => (
    <div className="hidden lg:block">
      <Empty icon={<ListChecks />} title={t('Choose one on the left')}>
        {t('You see who asks, what exactly would be sent, and which rule asks.')}
      </Empty>
    </div>
  ),
});
const sessions = createRoute({
  getParentRoute: () => shell,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./sessions/sessions-page.js'), 'SessionsPage'),
});
const spend = createRoute({
  getParentRoute: () => shell,
  path: '/spend',
  component: lazyRouteComponent(() => import('./spend/spend-page.js'), 'SpendPage'),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  component: lazyRouteComponent(() => import('./audit/audit-page.js'), 'AuditPage'),
  validateSearch: z.object({
    kind: z.string().max(64).optional().catch(undefined),
    operation: z.string().max(128).optional().catch(undefined),
    sessionId: z.string().max(64).optional().catch(undefined),
  }),
});

const tree = root.addChildren([
  enter,
  shell.addChildren([
    home,
    workspaces,
    workspace,
    approvals.addChildren([approval, noApproval]),
    sessions,
    spend,
    audit,
  ]),
]);
export const router = createRouter({ routeTree: tree, defaultPreload: 'intent' });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
