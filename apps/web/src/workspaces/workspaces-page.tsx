import type { Attention, WorkspaceView } from '@aileron/contracts/workspace';
import { Button, classNames, Empty, TextField } from '@aileron/ui';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Boxes, Plus, SearchX } from 'lucide-react';
import { useState } from 'react';
import { t } from '../i18n/translate.js';
import { Loaded } from '../shell/loaded.js';
import { PageHead } from '../shell/page-head.js';
import { formatRelative } from '../time/format.js';
import { countAttention, filterWorkspaces } from './list-change.js';
import { NewWorkspaceDialog } from './new-workspace-dialog.js';
import { useWorkspaces } from './use-workspaces.js';
import { WorkspaceActions } from './workspace-actions.js';
import { AttentionBadge, attentionText, attentionWord, phaseWord } from './workspace-state.js';

const FILTERS = ['all', 'running', 'idle', 'needs-attention'] as const;

/** Every workspace and what it does now. */
export const WorkspacesPage = () => {
  const [creating, setCreating] = useState(false);
  const query = useWorkspaces();
  return (
    <>
      <PageHead title={t('Workspaces')}>
        <Button tone="primary" data-focus-home onClick={() => setCreating(true)}>
          <Plus aria-hidden /> {t('New workspace')}
        </Button>
      </PageHead>
      <div className="px-4 pb-6 lg:px-6">
        <Loaded query={query} label={t('Loading workspaces')}>
          {(list) =>
            list.length === 0 ? (
              <Empty
                icon={<Boxes />}
                title={t('No workspace yet')}
                action={
                  <Button tone="primary" className="mt-2" onClick={() => setCreating(true)}>
                    <Plus aria-hidden /> {t('New workspace')}
                  </Button>
                }
              >
                {t(
                  'A workspace holds a project’s files, the agents that work on it and their terminals. What goes out of it asks first.',
                )}
              </Empty>
            ) : (
              <WorkspaceTable list={list} />
            )
          }
        </Loaded>
      </div>
      <NewWorkspaceDialog open={creating} onOpenChange={setCreating} />
    </>
  );
};

const WorkspaceTable = ({ list }: { readonly list: readonly WorkspaceView[] }) => {
  const { search = '', show = 'all' } = useSearch({ from: '/shell/workspaces' });
  const navigate = useNavigate();
  const shown = filterWorkspaces(list, { search, attention: show });
  const change = (part: { search?: string | undefined; show?: Attention | undefined }) =>
    void navigate({ to: '/workspaces', search: (previous) => ({ ...previous, ...part }), replace: true });
  return (
    <div className="flex flex-col gap-3">
      <div role="search" aria-label={t('Filter workspaces')} className="flex flex-wrap items-center gap-2">
        <TextField
          label={t('Search workspaces')}
          hideLabel
          type="search"
          placeholder={t('Search')}
          className="w-full sm:w-64"
          defaultValue={search}
          onChange={({ target }) => change({ search: target.value || undefined })}
        />
        <AttentionFilter list={list} show={show} onChange={(next) => change({ show: next })} />
      </div>
      {shown.length === 0 ? (
        <Empty icon={<SearchX />} title={t('None matches')}>
          {t('There are {count} workspaces, but none like this.', { count: list.length })}
        </Empty>
      ) : (
        <ul aria-label={t('Workspaces')} className="overflow-hidden rounded-lg border border-line bg-surface">
          {shown.map((workspace) => (
            <WorkspaceRow key={workspace.workspaceId} workspace={workspace} />
          ))}
        </ul>
      )}
    </div>
  );
};

const AttentionFilter = ({
  list,
  show,
  onChange,
}: {
  readonly list: readonly WorkspaceView[];
  readonly show: (typeof FILTERS)[number];
  readonly onChange: (show: Attention | undefined) => void;
}) => {
  const counts = countAttention(list);
  return (
    <div role="group" aria-label={t('State')} className="flex flex-wrap gap-1">
      {FILTERS.map((filter) => (
        <Button
          key={filter}
          size="small"
          tone={filter === show ? 'plain' : 'quiet'}
          aria-pressed={filter === show}
          onClick={() => onChange(filter === 'all' ? undefined : filter)}
        >
          {filter === 'all' ? t('All') : attentionWord(filter)}
          <span className="text-muted tabular-nums">{filter === 'all' ? list.length : counts[filter]}</span>
        </Button>
      ))}
    </div>
  );
};

const WorkspaceRow = ({ workspace }: { readonly workspace: WorkspaceView }) => (
  <li
    className={classNames(
      'relative flex items-center gap-3 border-b border-line py-2.5 pr-2 pl-4 last:border-b-0 hover:bg-raised',
      workspace.phase === 'deleting' && 'opacity-60',
    )}
    style={{ contentVisibility: 'auto', containIntrinsicSize: 'auto 4rem' }}
  >
    <div className="flex min-w-0 flex-1 flex-col gap-0.5">
      <span className="flex min-w-0 items-center gap-2">
        <Link
          to="/workspaces/$workspaceId"
          params={{ workspaceId: workspace.workspaceId }}
          className="truncate font-medium after:absolute after:inset-0"
        >
          {workspace.name}
        </Link>
        <AttentionBadge attention={workspace.attention} />
      </span>
      <span className="truncate text-xs text-muted">
        {workspace.attention === 'needs-attention'
          ? `${attentionText(workspace)} · ${workspace.reason}`
          : `${phaseWord(workspace.phase)} · ${workspace.reason}`}
      </span>
    </div>
    <span className="hidden w-24 text-xs text-muted md:block">{workspace.provisioner}</span>
    <span className="hidden w-32 text-right text-xs text-muted md:block">{formatRelative(workspace.updatedAt)}</span>
    <div className="relative z-10">
      <WorkspaceActions workspace={workspace} />
    </div>
  </li>
);
