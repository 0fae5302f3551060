import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { EDITING, languageOf, LOOK } from './editor-setup.js';

export interface CodeEditorProps {
  readonly path: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
}

/** CodeMirror around one text. A text from outside replaces what is shown, and the cursor stays where it can. */
export const CodeEditor = ({ path, text, onChange, onSave }: CodeEditorProps) => {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ text, onChange, onSave });
  useEffect(() => {
    latest.current = { text, onChange, onSave };
  });
  useEffect(() => {
    if (host.current === null) return undefined;
    const onUpdate = EditorView.updateListener.of(({ docChanged, state }) => {
      if (!docChanged) return;
      const next = state.doc.toString();
      if (next !== latest.current.text) latest.current.onChange(next);
    });
    const save = keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => (latest.current.onSave(), true) }]);
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [save, LOOK, EDITING, languageOf(path, () => view.current), onUpdate],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [path]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === text) return;
    const head = Math.min(editor.state.selection.main.head, text.length);
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text }, selection: { anchor: head } });
  }, [text]);
  return <div ref={host} className="min-h-0 flex-1 overflow-hidden" />;
};
