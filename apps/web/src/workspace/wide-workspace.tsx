import { Splitter } from '@aileron/ui';
import { Link } from '@tanstack/react-router';
import { t } from '../i18n/translate.js';
import { Tab } from '../shell/tab.js';
import { useWorkspaces } from '../workspaces/use-workspaces.js';
import { AttentionDot } from '../workspaces/workspace-state.js';
import { ChatRegion } from './chat-region.js';
import { ContextPanel } from './context-panel.js';
import { DetailsPanel } from './details/details-panel.js';
import { type Layout, WIDTHS } from './layout-store.js';
import type { WorkspaceRegions } from './workspace-page.js';
import { CONTEXT_PANELS, PANEL_NAMES, type Panel } from './workspace-view.js';

type WideProps = WorkspaceRegions & {
  readonly layout: Layout;
  readonly setLayout: (change: Partial<Layout>) => void;
};

/** Four regions side by side: list, conversation, context, details. */
export const WideWorkspace = ({ layout, setLayout, ...regions }: WideProps) => (
  <div className="flex min-h-0 flex-1">
    {layout.list && <ListRegion layout={layout} setLayout={setLayout} />}
    <section
      aria-label={t('Conversation')}
      style={{ width: layout.conversationWidth }}
      className="flex min-h-0 min-w-80 shrink flex-col bg-surface"
    >
      <ChatRegion {...regions} />
    </section>
    <Splitter
      label={t('Width of the conversation')}
      size={layout.conversationWidth}
      {...WIDTHS.conversation}
      side="before"
      onResize={(conversationWidth) => setLayout({ conversationWidth })}
    />
    <section aria-label={t('Context')} className="flex min-h-0 min-w-72 flex-1 flex-col">
      <Context {...regions} />
    </section>
    {layout.details && <DetailsRegion workspace={regions.workspace} layout={layout} setLayout={setLayout} />}
  </div>
);

const ListRegion = ({ layout, setLayout }: Pick<WideProps, 'layout' | 'setLayout'>) => (
  <>
    <nav aria-label={t('Workspaces')} style={{ width: layout.listWidth }} className="shrink-0 overflow-y-auto p-2">
      <WorkspaceList />
    </nav>
    <Splitter
      label={t('Width of the list')}
      size={layout.listWidth}
      {...WIDTHS.list}
      side="before"
      onResize={(listWidth) => setLayout({ listWidth })}
    />
  </>
);

const DetailsRegion = ({ workspace, layout, setLayout }: Pick<WideProps, 'workspace' | 'layout' | 'setLayout'>) => (
  <>
    <Splitter
      label={t('Width of the details')}
      size={layout.detailsWidth}
      {...WIDTHS.details}
      side="after"
      onResize={(detailsWidth) => setLayout({ detailsWidth })}
    />
    <aside
      aria-label={t('Details')}
      tabIndex={0}
      style={{ width: layout.detailsWidth }}
      className="shrink-0 overflow-y-auto"
    >
      <DetailsPanel workspace={workspace} />
    </aside>
  </>
);

const WorkspaceList = () => {
  const list = useWorkspaces().data ?? [];
  return (
    <ul className="flex flex-col">
      {list.map(({ workspaceId, name, attention }) => (
        <li key={workspaceId}>
          <Link
            to="/workspaces/$workspaceId"
            params={{ workspaceId }}
            className="flex items-center gap-2 rounded-md px-2 py-1.5 text-muted hover:bg-raised"
            activeProps={{ className: 'bg-raised text-text font-medium' }}
          >
            <AttentionDot attention={attention} />
            <span className="truncate">{name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
};

const isContext = (panel: Panel | undefined): panel is (typeof CONTEXT_PANELS)[number] =>
  CONTEXT_PANELS.some((each) => each === panel);

const Context = (regions: WorkspaceRegions) => {
  const { search, go, workspace } = regions;
  const building = workspace.phase === 'creating' || workspace.phase === 'failed';
  const panel = isContext(search.panel) ? search.panel : building ? 'logs' : 'changes';
  return (
    <>
      <div role="group" aria-label={t('Panels')} className="flex shrink-0 gap-1 border-b border-line bg-surface px-2">
        {CONTEXT_PANELS.map((each) => (
          <Tab key={each} selected={each === panel} onSelect={() => go({ panel: each })}>
            {PANEL_NAMES[each]}
          </Tab>
        ))}
      </div>
      <div className="flex min-h-0 flex-1 flex-col">
        <ContextPanel {...regions} panel={panel} />
      </div>
    </>
  );
};
