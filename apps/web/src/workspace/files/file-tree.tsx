import type { FileEntry, ListFilesResponse } from '@aileron/contracts/workspace';
import { classNames, Empty } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { ChevronRight, File, FileSymlink, Folder } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { filesQuery } from '../../api/files.js';
import { problemOf } from '../../api/problem.js';
import { t } from '../../i18n/translate.js';
import { Loaded } from '../../shell/loaded.js';

interface TreeProps {
  readonly workspaceId: string;
  readonly open: string | undefined;
  readonly onOpen: (path: string) => void;
}

/** Folders first, then by name. */
const sorted = (entries: readonly FileEntry[]): readonly FileEntry[] =>
  entries.toSorted(
    (a, b) => Number(b.kind === 'directory') - Number(a.kind === 'directory') || a.name.localeCompare(b.name),
  );

/** Arrows move between what is shown; right and left open and close a folder. */
function onTreeKey(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=treeitem] > button')];
  const at = items.findIndex((item) => item === document.activeElement);
  const current = items[at];
  if (current === undefined) return;
  const expanded = current.parentElement?.getAttribute('aria-expanded');
  if (event.key === 'ArrowDown') items[at + 1]?.focus();
  else if (event.key === 'ArrowUp') items[at - 1]?.focus();
  else if (event.key === 'Home') items[0]?.focus();
  else if (event.key === 'End') items.at(-1)?.focus();
  else if (event.key === 'ArrowRight' && expanded === 'false') current.click();
  else if (event.key === 'ArrowLeft' && expanded === 'true') current.click();
  else return;
  event.preventDefault();
}

/** A tree has items, so there is one only once the project has files. */
export const FileTree = (props: TreeProps) => (
  <Loaded query={useQuery(filesQuery(props.workspaceId, ''))} label={t('Loading files')}>
    {(listing) =>
      listing.entries.length === 0 ? (
        <Empty icon={<Folder />} title={t('No files yet')}>
          {t('What an agent or you put into the project appears here.')}
        </Empty>
      ) : (
        <ul role="tree" aria-label={t('Files')} className="p-1.5 text-xs" onKeyDown={onTreeKey}>
          <Entries {...props} listing={listing} depth={0} />
        </ul>
      )
    }
  </Loaded>
);

/** Inside of a tree everything is one of its items: also that something is on its way, or failed. */
const FolderEntries = ({ path, depth, ...props }: TreeProps & { readonly path: string; readonly depth: number }) => {
  const { data, error, refetch } = useQuery(filesQuery(props.workspaceId, path));
  if (data !== undefined) return <Entries {...props} listing={data} depth={depth} />;
  return (
    <li role="treeitem" aria-selected={false} className="px-2 py-1 text-muted" style={{ paddingLeft: depth * 14 + 8 }}>
      {error === null ? (
        t('Loading files')
      ) : (
        <button type="button" className="text-bad underline" onClick={() => void refetch()}>
          {t('{reason} Try again.', { reason: problemOf(error).message })}
        </button>
      )}
    </li>
  );
};

const Entries = ({
  listing: { entries, truncated },
  depth,
  ...props
}: TreeProps & { readonly listing: ListFilesResponse; readonly depth: number }) => (
  <>
    {sorted(entries).map((entry) => (
      <Entry key={entry.path} {...props} entry={entry} depth={depth} />
    ))}
    {truncated && (
      <li role="none" className="px-2 py-1 text-warn">
        {t('There are more than can be shown.')}
      </li>
    )}
  </>
);

const Entry = ({ entry, depth, ...props }: TreeProps & { readonly entry: FileEntry; readonly depth: number }) => {
  const folder = entry.kind === 'directory';
  const [expanded, setExpanded] = useState(() => folder && props.open?.startsWith(`${entry.path}/`) === true);
  const Icon = folder ? Folder : entry.kind === 'link' ? FileSymlink : File;
  const selected = props.open === entry.path;
  return (
    <li role="treeitem" aria-selected={selected} {...(folder && { 'aria-expanded': expanded })}>
      <button
        type="button"
        className={classNames(
          'flex w-full items-center gap-1.5 rounded py-1 pr-2 text-left hover:bg-raised',
          selected && 'bg-raised font-medium',
        )}
        style={{ paddingLeft: depth * 14 + (folder ? 4 : 22) }}
        onClick={() => (folder ? setExpanded(!expanded) : props.onOpen(entry.path))}
      >
        {folder && (
          <ChevronRight
            aria-hidden
            className={classNames('size-3.5 shrink-0 transition-transform', expanded && 'rotate-90')}
          />
        )}
        <Icon aria-hidden className="size-3.5 shrink-0 text-muted" />
        <span className="truncate">{entry.name}</span>
      </button>
      {expanded && (
        <ul role="group">
          <FolderEntries {...props} path={entry.path} depth={depth + 1} />
        </ul>
      )}
    </li>
  );
};
