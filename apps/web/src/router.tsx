import { Empty } from '@aileron/ui';
import { createRootRoute, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { ListChecks, MapPinOff } from 'lucide-react';
import { z } from 'zod';
import { ApprovalPage } from './approvals/approval-page.js';
import { ApprovalsPage } from './approvals/approvals-page.js';
import { AuditPage } from './audit/audit-page.js';
import { EnterPage } from './enter/enter-page.js';
import { SessionsPage } from './sessions/sessions-page.js';
import { Shell } from './shell/shell.js';

const NotFound = () => (
  <Empty icon={<MapPinOff />} title="There is no such page">
    The address may be of an older version.
  </Empty>
);

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const enter = createRoute({ getParentRoute: () => root, path: '/enter', component: EnterPage });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });
const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => redirect({ to: '/approvals', search: { state: 'pending' }, throw: true }),
});
const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  component: ApprovalsPage,
  validateSearch: z.object({ state: z.enum(['pending', 'all']).catch('pending').default('pending') }),
});
const approval = createRoute({ getParentRoute: () => approvals, path: '$approvalId', component: ApprovalPage });
const noApproval = createRoute({
  getParentRoute: () => approvals,
  path: '/',
  component: () => (
    <div className="hidden lg:block">
      <Empty icon={<ListChecks />} title="Choose one on the left">
        You see who asks, what exactly would be sent, and which rule asks.
      </Empty>
    </div>
  ),
});
const sessions = createRoute({ getParentRoute: () => shell, path: '/sessions', component: SessionsPage });
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  component: AuditPage,
  validateSearch: z.object({
    kind: z.string().max(64).optional().catch(undefined),
    operation: z.string().max(128).optional().catch(undefined),
    sessionId: z.string().max(64).optional().catch(undefined),
  }),
});

const tree = root.addChildren([
  enter,
  shell.addChildren([home, approvals.addChildren([approval, noApproval]), sessions, audit]),
]);
export const router = createRouter({ routeTree: tree, defaultPreload: 'intent' });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
