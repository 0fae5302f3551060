import type { FileContent } from '@aileron/contracts/workspace';
import { Button, Empty, Skeleton } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileX2, Save } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { fileKey, fileQuery, saveFile } from '../../api/files.js';
import { problemOf, ProblemError } from '../../api/problem.js';
import { t } from '../../i18n/translate.js';
import { Loaded } from '../../shell/loaded.js';
import { formatBytes } from '../../time/format.js';

const CodeEditor = lazy(() => import('./code-editor.js').then((module) => ({ default: module.CodeEditor })));
const ConflictView = lazy(() => import('./conflict-view.js').then((module) => ({ default: module.ConflictView })));

/** A file to be read, changed and saved; never over what somebody else wrote in the meantime. */
export const FileEditor = ({ workspaceId, path }: { readonly workspaceId: string; readonly path: string }) => (
  <Loaded query={useQuery(fileQuery(workspaceId, path))} label={t('Loading the file')}>
    {(content) =>
      content.text === null ? (
        <Empty icon={<FileX2 />} title={t('Not shown')}>
          {t('{path} is no text, or too large: {size}.', { path, size: formatBytes(content.bytes) })}
        </Empty>
      ) : (
        <TextEditor workspaceId={workspaceId} content={content} text={content.text} />
      )
    }
  </Loaded>
);

/** What is edited, and the state of the file it began with. */
interface Edit {
  readonly text: string;
  readonly etag: string;
}

function useSave(workspaceId: string, path: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (edit: Edit) => saveFile(workspaceId, { path, text: edit.text, etag: edit.etag }),
    onSuccess: ({ etag, bytes }, { text }) =>
      queries.setQueryData<FileContent>(fileKey(workspaceId, path), { path, text, bytes, etag }),
    onError: () => queries.invalidateQueries({ queryKey: fileKey(workspaceId, path) }),
  });
}

interface TextProps {
  readonly workspaceId: string;
  readonly content: FileContent;
  readonly text: string;
}

const TextEditor = ({ workspaceId, content, text }: TextProps) => {
  const { path, etag } = content;
  const [edit, setEdit] = useState<Edit | null>(null);
  const [comparing, setComparing] = useState(false);
  const { mutate, isPending, error } = useSave(workspaceId, path);
  const changed = edit !== null && edit.text !== text;
  const theirs = changed && edit.etag !== etag;
  const save = (wanted: Edit) => mutate(wanted, { onSuccess: () => setEdit(null) });
  const change = (next: string) => setEdit({ text: next, etag: edit?.etag ?? etag });
  const saveEdit = () => changed && !theirs && save(edit);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <EditorHead
        path={path}
        changed={changed}
        error={error}
        disabled={!changed || theirs || isPending}
        onSave={saveEdit}
      />
      {theirs && (
        <Conflict
          comparing={comparing}
          busy={isPending}
          onCompare={() => setComparing(!comparing)}
          onTheirs={() => setEdit(null)}
          onMine={() => save({ text: edit.text, etag })}
        />
      )}
      <Suspense fallback={<Skeleton className="m-3 flex-1" />}>
        {theirs && comparing ? (
          <ConflictView path={path} theirs={text} mine={edit.text} />
        ) : (
          <CodeEditor path={path} text={edit?.text ?? text} onChange={change} onSave={saveEdit} />
        )}
      </Suspense>
    </div>
  );
};

const isConflict = (error: unknown): boolean => error instanceof ProblemError && error.problem.code === 'CONFLICT';

const EditorHead = ({
  path,
  changed,
  error,
  disabled,
  onSave,
}: {
  readonly path: string;
  readonly changed: boolean;
  readonly error: unknown;
  readonly disabled: boolean;
  readonly onSave: () => void;
}) => (
  <div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5 text-xs">
    <span className="min-w-0 truncate font-mono">{path}</span>
    {changed && <span className="shrink-0 text-warn">{t('not saved')}</span>}
    {error !== null && !isConflict(error) && (
      <span role="alert" className="min-w-0 truncate text-bad">
        {problemOf(error).message}
      </span>
    )}
    <Button size="small" className="ml-auto" disabled={disabled} onClick={onSave}>
      <Save aria-hidden /> {t('Save')}
    </Button>
  </div>
);

/** The file is not what was edited: both are there, and a person says which one stays. */
const Conflict = ({
  comparing,
  busy,
  onCompare,
  onTheirs,
  onMine,
}: {
  readonly comparing: boolean;
  readonly busy: boolean;
  readonly onCompare: () => void;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
}) => (
  <div role="alert" className="flex flex-wrap items-center gap-2 border-b border-warn/50 px-3 py-2 text-xs">
    <span className="min-w-40 flex-1 text-warn">{t('The file was changed in the workspace while you edited it.')}</span>
    <Button size="small" aria-pressed={comparing} onClick={onCompare}>
      {comparing ? t('Edit') : t('Compare')}
    </Button>
    <Button size="small" onClick={onTheirs}>
      {t('Take theirs')}
    </Button>
    <Button size="small" disabled={busy} onClick={onMine}>
      {t('Keep mine')}
    </Button>
  </div>
);
