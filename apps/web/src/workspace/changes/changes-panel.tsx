import type { GitStatus } from '@aileron/contracts/workspace';
import { Badge, Button, classNames, Empty } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { ChevronRight, Columns2, FolderGit2, GitBranch, type LucideIcon, Rows2 } from 'lucide-react';
import { useState } from 'react';
import { gitDiffQuery, gitStatusQuery } from '../../api/files.js';
import { t } from '../../i18n/translate.js';
import { Loaded } from '../../shell/loaded.js';
import { DiffView } from './diff-view.js';
import { countChanges, type DiffFile, parseDiff } from './parse-diff.js';

type Changed = GitStatus['files'][number];

interface Row {
  readonly file: Changed;
  readonly staged: boolean;
}

/** A file that is changed in both places is two rows, as git shows it. */
function rowsOf({ files }: Pick<GitStatus, 'files'>): readonly Row[] {
  return files.flatMap((file) => [
    ...(file.worktree === '.' ? [] : [{ file, staged: false }]),
    ...(file.index === '.' || file.index === '?' ? [] : [{ file, staged: true }]),
  ]);
}

const LETTERS: Readonly<Record<string, string>> = {
  M: t('changed'),
  A: t('new'),
  D: t('deleted'),
  R: t('renamed'),
  C: t('copied'),
  T: t('type changed'),
  U: t('conflict'),
  '?': t('new'),
};

interface PanelProps {
  readonly workspaceId: string;
  readonly onOpenFile: (path: string) => void;
}

/** What is not committed, file by file. */
export const ChangesPanel = (props: PanelProps) => (
  <Loaded query={useQuery(gitStatusQuery(props.workspaceId))} label={t('Loading changes')}>
    {(status) =>
      status.repository ? (
        <Repository {...props} status={status} />
      ) : (
        <Empty icon={<FolderGit2 />} title={t('No repository yet')}>
          {t('Once the project is a git repository, what changed is shown here.')}
        </Empty>
      )
    }
  </Loaded>
);

const KEY = 'aileron.diff';

const Repository = ({ workspaceId, onOpenFile, status }: PanelProps & { readonly status: GitStatus }) => {
  const [split, setSplit] = useState(() => localStorage.getItem(KEY) === 'split');
  const choose = (next: boolean) => {
    localStorage.setItem(KEY, next ? 'split' : 'unified');
    setSplit(next);
  };
  const rows = rowsOf(status);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Branch status={status} split={split} onChoose={choose} />
      {rows.length === 0 ? (
        <Empty icon={<FolderGit2 />} title={t('Nothing changed')}>
          {t('Everything is committed. What an agent changes appears here as it happens.')}
        </Empty>
      ) : (
        <ul aria-label={t('Changed files')} className="min-h-0 flex-1 overflow-y-auto">
          {rows.map((row) => (
            <ChangedFile
              key={`${row.staged} ${row.file.path}`}
              workspaceId={workspaceId}
              row={row}
              split={split}
              onOpen={() => onOpenFile(row.file.path)}
            />
          ))}
          {status.truncated && (
            <li className="px-3 py-2 text-xs text-warn">{t('There are more than can be shown.')}</li>
          )}
        </ul>
      )}
    </div>
  );
};

const Branch = ({
  status,
  split,
  onChoose,
}: {
  readonly status: GitStatus;
  readonly split: boolean;
  readonly onChoose: (split: boolean) => void;
}) => {
  const choice = (label: string, Icon: LucideIcon, value: boolean) => (
    <Button
      tone={split === value ? 'plain' : 'quiet'}
      size="icon"
      aria-label={label}
      aria-pressed={split === value}
      onClick={() => onChoose(value)}
    >
      <Icon aria-hidden />
    </Button>
  );
  return (
    <div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5 text-xs">
      <GitBranch aria-hidden className="size-3.5 shrink-0 text-muted" />
      <span className="truncate font-mono">{status.branch ?? t('no branch')}</span>
      {status.ahead > 0 && <Badge>{t('{count} ahead', { count: status.ahead })}</Badge>}
      {status.behind > 0 && <Badge>{t('{count} behind', { count: status.behind })}</Badge>}
      <span className="ml-auto flex">
        {choice(t('Unified'), Rows2, false)}
        {choice(t('Side by side'), Columns2, true)}
      </span>
    </div>
  );
};

interface FileProps {
  readonly workspaceId: string;
  readonly row: Row;
  readonly split: boolean;
}

const ChangedFile = ({ onOpen, ...props }: FileProps & { readonly onOpen: () => void }) => {
  const [open, setOpen] = useState(false);
  const { file, staged } = props.row;
  const letter = staged ? file.index : file.worktree;
  return (
    <li className="border-b border-line">
      <div className="flex items-center gap-2 pr-2 hover:bg-raised">
        <button
          type="button"
          aria-expanded={open}
          className="flex min-w-0 flex-1 items-center gap-2 px-3 py-2 text-left text-xs"
          onClick={() => setOpen(!open)}
        >
          <ChevronRight
            aria-hidden
            className={classNames('size-3.5 shrink-0 text-muted transition-transform', open && 'rotate-90')}
          />
          <span className="min-w-0 truncate font-mono">{file.path}</span>
          {file.previousPath !== null && (
            <span className="truncate text-muted">{t('was {path}', { path: file.previousPath })}</span>
          )}
          <span className="ml-auto shrink-0 text-muted">{LETTERS[letter] ?? letter}</span>
          {staged && <Badge tone="accent">{t('staged')}</Badge>}
        </button>
        {letter !== 'D' && (
          <Button tone="quiet" size="small" aria-label={t('Open {path}', { path: file.path })} onClick={onOpen}>
            {t('Open')}
          </Button>
        )}
      </div>
      {open && <FileDiff {...props} />}
    </li>
  );
};

const FileDiff = ({ workspaceId, row, split }: FileProps) => (
  <Loaded query={useQuery(gitDiffQuery(workspaceId, row.file.path, row.staged))} label={t('Loading the diff')}>
    {({ patch, truncated }) => (
      <div className="border-t border-line bg-surface">
        <Patch file={parseDiff(patch)[0]} split={split} />
        {truncated && <p className="px-3 py-1 text-xs text-warn">{t('The diff is longer than is shown.')}</p>}
      </div>
    )}
  </Loaded>
);

const Patch = ({ file, split }: { readonly file: DiffFile | undefined; readonly split: boolean }) => {
  if (file?.binary === true) {
    return <p className="px-3 py-2 text-xs text-muted">{t('A binary file: it is not shown.')}</p>;
  }
  if (file === undefined || file.hunks.length === 0) {
    return <p className="px-3 py-2 text-xs text-muted">{t('Its content did not change, or is empty.')}</p>;
  }
  const { added, removed } = countChanges(file.hunks);
  return (
    <>
      <p className="px-3 py-1 text-xs tabular-nums">
        <span className="text-good">+{added}</span> <span className="text-bad">−{removed}</span>
      </p>
      <DiffView hunks={file.hunks} split={split} />
    </>
  );
};
