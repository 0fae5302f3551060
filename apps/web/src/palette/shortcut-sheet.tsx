import { Modal } from '@aileron/ui';
import { useState } from 'react';
import { t } from '../i18n/translate.js';
import { useShortcut } from '../shell/use-shortcut.js';

const SHORTCUTS = [
  ['Ctrl/⌘ K', t('Go to a workspace, page or panel')],
  ['?', t('This sheet')],
  ['Enter, Ctrl/⌘ Enter', t('Send the message')],
  ['Shift Enter', t('A new line')],
  ['Esc', t('Stop the agent')],
  ['Ctrl/⌘ S', t('Save the file')],
  ['Esc, Tab', t('Leave the editor')],
  ['Ctrl Shift Esc', t('Leave the terminal')],
  ['← →', t('Move a border between regions')],
] as const;

/** Every key that does something. */
export const ShortcutSheet = () => {
  const [open, setOpen] = useState(false);
  useShortcut('?', () => setOpen(true));
  return (
    <Modal open={open} onOpenChange={setOpen} title={t('Keys')} closeLabel={t('Close')}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt className="font-mono text-xs text-muted">{keys}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
};
