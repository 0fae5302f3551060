import { FilesChange } from '@aileron/contracts/workspace';
import { Button, Empty } from '@aileron/ui';
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, FileText } from 'lucide-react';
import { useRef } from 'react';
import { fileKey, filesKey } from '../../api/files.js';
import { t } from '../../i18n/translate.js';
import { useChanges } from '../../streams/use-changes.js';
import { FileEditor } from './file-editor.js';
import { FileTree } from './file-tree.js';

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** What changed in the workspace is read again: of files and folders that somebody looks at. */
function useLiveFiles(workspaceId: string): void {
  const queries = useQueryClient();
  const attached = useRef(false);
  useChanges(`/api/v1/workspaces/${encodeURIComponent(workspaceId)}/files/events`, FilesChange, (change) => {
    // At first everything has just been read; after a cut something may have changed meanwhile.
    const isFirst = change.type === 'live' && !attached.current;
    attached.current = true;
    if (isFirst) return;
    void queries.invalidateQueries({ queryKey: ['git-status', workspaceId] });
    void queries.invalidateQueries({ queryKey: ['git-diff', workspaceId] });
    if (change.type !== 'changed') {
      void queries.invalidateQueries({ queryKey: ['files', workspaceId] });
      void queries.invalidateQueries({ queryKey: ['file', workspaceId] });
      return;
    }
    const folders = new Set(change.folders);
    for (const folder of folders) void queries.invalidateQueries({ queryKey: filesKey(workspaceId, folder) });
    void queries.invalidateQueries({
      predicate: ({ queryKey: [kind, id, path] }) =>
        kind === fileKey('', '')[0] && id === workspaceId && typeof path === 'string' && folders.has(parentOf(path)),
    });
  });
}

/** The project's tree, and the file that is open. */
export const FilesPanel = ({
  workspaceId,
  file,
  onOpen,
}: {
  readonly workspaceId: string;
  readonly file: string | undefined;
  readonly onOpen: (path: string | undefined) => void;
}) => {
  useLiveFiles(workspaceId);
  return (
    <div className="@container flex min-h-0 flex-1">
      <div
        className={
          file === undefined
            ? 'min-h-0 w-full overflow-y-auto @xl:w-60 @xl:shrink-0 @xl:border-r @xl:border-line'
            : 'hidden min-h-0 w-60 shrink-0 overflow-y-auto border-r border-line @xl:block'
        }
      >
        <FileTree workspaceId={workspaceId} open={file} onOpen={onOpen} />
      </div>
      {file === undefined ? (
        <div className="hidden flex-1 @xl:block">
          <Empty icon={<FileText />} title={t('No file is open')}>
            {t('Choose one on the left to read or change it.')}
          </Empty>
        </div>
      ) : (
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Button tone="quiet" size="small" className="self-start @xl:hidden" onClick={() => onOpen(undefined)}>
            <ArrowLeft aria-hidden /> {t('All files')}
          </Button>
          <FileEditor key={file} workspaceId={workspaceId} path={file} />
        </div>
      )}
    </div>
  );
};
