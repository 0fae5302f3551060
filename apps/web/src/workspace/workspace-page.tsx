import type { WorkspaceView } from '@aileron/contracts/workspace';
import { Button, Empty } from '@aileron/ui';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ArrowLeft, MapPinOff, PanelLeft, PanelRight } from 'lucide-react';
import { useEffect } from 'react';
import { problemOf } from '../api/problem.js';
import { workspaceKey, workspaceQuery } from '../api/workspaces.js';
import { t } from '../i18n/translate.js';
import { Loaded } from '../shell/loaded.js';
import { useWide } from '../shell/use-wide.js';
import { useFeed } from '../streams/use-feed.js';
import { WorkspaceActions } from '../workspaces/workspace-actions.js';
import { AttentionBadge, attentionText } from '../workspaces/workspace-state.js';
import { useLayout } from './layout-store.js';
import { NarrowWorkspace } from './narrow-workspace.js';
import { WideWorkspace } from './wide-workspace.js';
import { workspaceFeed } from './workspace-feed.js';
import type { WorkspaceSearch } from './workspace-view.js';

const streamPath = (workspaceId: string) => `/api/v1/workspaces/${encodeURIComponent(workspaceId)}/events`;

/** One workspace, live: its stream keeps the cache fresh, everybody below reads that. */
export const WorkspacePage = () => {
  const { workspaceId } = useParams({ from: '/shell/workspaces/$workspaceId' });
  const queries = useQueryClient();
  const query = useQuery(workspaceQuery(workspaceId));
  const feed = useFeed(streamPath(workspaceId), workspaceFeed);
  const streamed = feed.view.workspace;
  useEffect(() => {
    if (streamed !== null) queries.setQueryData(workspaceKey(streamed.workspaceId), streamed);
  }, [queries, streamed]);
  if (query.isError && problemOf(query.error).problem.code === 'NOT_FOUND') return <Gone />;
  return (
    <>
      {query.data === undefined && <h1 className="sr-only">{t('Workspace')}</h1>}
      <Loaded query={query} label={t('Loading the workspace')}>
        {(workspace) => <WorkspaceFrame workspace={workspace} lines={feed.view.lines} />}
      </Loaded>
    </>
  );
};

const Gone = () => (
  <>
    <h1 className="sr-only">{t('Workspace')}</h1>
    <Empty
      icon={<MapPinOff />}
      title={t('There is no such workspace')}
      action={
        <Link to="/workspaces" className="mt-2 text-accent underline">
          {t('All workspaces')}
        </Link>
      }
    >
      {t('It may have been deleted.')}
    </Empty>
  </>
);

export interface WorkspaceRegions {
  readonly workspace: WorkspaceView;
  readonly lines: ReturnType<typeof workspaceFeed>['state']['view']['lines'];
  readonly search: WorkspaceSearch;
  readonly go: (change: WorkspaceSearch) => void;
}

const WorkspaceFrame = ({ workspace, lines }: Pick<WorkspaceRegions, 'workspace' | 'lines'>) => {
  const wide = useWide();
  const search = useSearch({ from: '/shell/workspaces/$workspaceId' });
  const navigate = useNavigate();
  const [layout, setLayout] = useLayout(workspace.workspaceId);
  const go = (change: WorkspaceSearch) =>
    void navigate({
      to: '/workspaces/$workspaceId',
      params: { workspaceId: workspace.workspaceId },
      search: (previous) => ({ ...previous, ...change }),
    });
  const regions = { workspace, lines, search, go };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <WorkspaceHead
        workspace={workspace}
        {...(wide && {
          onList: () => setLayout({ list: !layout.list }),
          onDetails: () => setLayout({ details: !layout.details }),
        })}
      />
      {wide ? <WideWorkspace {...regions} layout={layout} setLayout={setLayout} /> : <NarrowWorkspace {...regions} />}
    </div>
  );
};

/** Which workspace, its state, and what can be done with it. */
const WorkspaceHead = ({
  workspace,
  onList,
  onDetails,
}: {
  readonly workspace: WorkspaceView;
  readonly onList?: () => void;
  readonly onDetails?: () => void;
}) => (
  <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-2">
    {onList === undefined ? (
      <Link to="/workspaces" aria-label={t('All workspaces')} className="rounded-md p-2 hover:bg-raised">
        <ArrowLeft aria-hidden className="size-4" />
      </Link>
    ) : (
      <Button tone="quiet" size="icon" aria-label={t('Show or hide the list')} onClick={onList}>
        <PanelLeft aria-hidden />
      </Button>
    )}
    <h1 className="truncate font-semibold">{workspace.name}</h1>
    <AttentionBadge attention={workspace.attention} />
    <span className="hidden truncate text-xs text-muted sm:block">
      {workspace.attention === 'needs-attention' ? attentionText(workspace) : ''}
    </span>
    <span className="ml-auto flex items-center">
      <WorkspaceActions workspace={workspace} />
      {onDetails !== undefined && (
        <Button tone="quiet" size="icon" aria-label={t('Show or hide details')} onClick={onDetails}>
          <PanelRight aria-hidden />
        </Button>
      )}
    </span>
  </div>
);
