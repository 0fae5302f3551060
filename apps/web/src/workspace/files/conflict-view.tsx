import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { t } from '../../i18n/translate.js';
import { LOOK } from './editor-setup.js';

/** The file as it is now beside what was edited. */
export const ConflictView = ({
  path,
  theirs,
  mine,
}: {
  readonly path: string;
  readonly theirs: string;
  readonly mine: string;
}) => {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (host.current === null) return undefined;
    const side = (doc: string, label: string) => ({
      doc,
      extensions: [LOOK, EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-label': label })],
    });
    const view = new MergeView({
      parent: host.current,
      a: side(theirs, t('{path} in the workspace', { path })),
      b: side(mine, t('{path} as you edited it', { path })),
      collapseUnchanged: { margin: 3, minSize: 8 },
    });
    return () => view.destroy();
  }, [path, theirs, mine]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <p className="flex shrink-0 text-xs text-muted">
        <span className="flex-1 px-3 py-1">{t('In the workspace')}</span>
        <span className="flex-1 px-3 py-1">{t('Yours')}</span>
      </p>
      <div ref={host} className="min-h-0 flex-1 overflow-auto" />
    </div>
  );
};
