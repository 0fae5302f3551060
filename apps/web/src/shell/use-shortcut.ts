import { useEffect } from 'react';

/** Terminals and editors keep their keys. */
const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, .xterm, .cm-editor') !== null);

/** Runs on a key: `Mod+` is Ctrl, and Cmd on a Mac. A key without it does nothing while somebody writes. */
export function useShortcut(key: string, run: () => void): void {
  useEffect(() => {
    const [modified, name] = key.startsWith('Mod+') ? [true, key.slice(4)] : [false, key];
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== name.toLowerCase() ||
        (event.ctrlKey || event.metaKey) !== modified ||
        event.altKey
      )
        return;
      if (event.target instanceof Element && event.target.closest('.xterm') !== null) return;
      if (!modified && isWriting(event.target)) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
}
