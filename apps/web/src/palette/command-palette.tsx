import { classNames, Modal } from '@aileron/ui';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { t } from '../i18n/translate.js';
import { useShortcut } from '../shell/use-shortcut.js';
import { useWorkspaces } from '../workspaces/use-workspaces.js';
import { attentionWord } from '../workspaces/workspace-state.js';
import { PANEL_NAMES, PANELS } from '../workspace/workspace-view.js';
import { type Command, findCommands } from './commands.js';

const MOST_SHOWN = 50;

/** Every place, and every panel of the workspace one is in. */
function useCommands(): readonly Command[] {
  const navigate = useNavigate();
  const { workspaceId } = useParams({ strict: false });
  const workspaces = useWorkspaces().data ?? [];
  const place = (to: '/workspaces' | '/approvals' | '/sessions' | '/spend' | '/audit', label: string): Command => ({
    id: to,
    label,
    hint: t('Page'),
    run: () => void navigate({ to }),
  });
  const panels = PANELS.map((panel): Command => ({
    id: `panel ${panel}`,
    label: PANEL_NAMES[panel],
    hint: t('This workspace'),
    run: () =>
      void navigate({
        to: '/workspaces/$workspaceId',
        params: { workspaceId: workspaceId ?? '' },
        search: (previous) => ({ ...previous, panel }),
      }),
  }));
  return [
    ...(workspaceId === undefined ? [] : panels),
    ...workspaces.map((workspace): Command => ({
      id: workspace.workspaceId,
      label: workspace.name,
      hint: `${t('Workspace')} · ${attentionWord(workspace.attention)}`,
      run: () => void navigate({ to: '/workspaces/$workspaceId', params: { workspaceId: workspace.workspaceId } }),
    })),
    place('/workspaces', t('Workspaces')),
    place('/approvals', t('Approvals')),
    place('/sessions', t('Sessions')),
    place('/spend', t('Spend')),
    place('/audit', t('Audit')),
  ];
}

/** Everything by its name, from the keyboard: Ctrl+K, Cmd+K. */
export const CommandPalette = () => {
  const [open, setOpen] = useState(false);
  useShortcut('Mod+k', () => setOpen((shown) => !shown));
  return (
    <Modal
      open={open}
      onOpenChange={setOpen}
      title={t('Go to')}
      closeLabel={t('Close')}
      className="gap-2 sm:top-24 sm:translate-y-0"
    >
      <Palette onDone={() => setOpen(false)} />
    </Modal>
  );
};

/** Which one is chosen, by arrows and Enter. */
function useChoice(found: readonly Command[], run: (command: Command | undefined) => void) {
  const [at, setAt] = useState(0);
  const chosen = Math.min(at, found.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
    else if (event.key === 'Enter') run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return { chosen, setAt, onKeyDown };
}

const Palette = ({ onDone }: { readonly onDone: () => void }) => {
  const [search, setSearch] = useState('');
  const found = findCommands(useCommands(), search).slice(0, MOST_SHOWN);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onDone();
    command.run();
  };
  const { chosen, setAt, onKeyDown } = useChoice(found, run);
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={found.length > 0 ? 'palette' : undefined}
        aria-activedescendant={found[chosen] === undefined ? undefined : `command-${chosen}`}
        aria-label={t('Search')}
        placeholder={t('Workspace, page, panel')}
        className="h-10 rounded-md border border-line bg-surface px-3 placeholder:text-muted"
        value={search}
        onChange={({ target }) => {
          setSearch(target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length > 0 && <Results found={found} chosen={chosen} onPoint={setAt} onChoose={run} />}
      <p role="status" className={found.length > 0 ? 'sr-only' : 'px-3 pb-2 text-muted'}>
        {found.length === 0 && t('Nothing is called so.')}
      </p>
    </>
  );
};

const Results = ({
  found,
  chosen,
  onPoint,
  onChoose,
}: {
  readonly found: readonly Command[];
  readonly chosen: number;
  readonly onPoint: (index: number) => void;
  readonly onChoose: (command: Command) => void;
}) => (
  <ul id="palette" role="listbox" aria-label={t('Results')} className="max-h-80 overflow-y-auto">
    {found.map((command, index) => (
      <li
        key={command.id}
        id={`command-${index}`}
        role="option"
        aria-selected={index === chosen}
        ref={(element) => {
          if (index === chosen) element?.scrollIntoView({ block: 'nearest' });
        }}
        className={classNames(
          'flex cursor-default items-center gap-3 rounded-md px-3 py-2',
          index === chosen && 'bg-raised',
        )}
        onPointerMove={() => onPoint(index)}
        onClick={() => onChoose(command)}
      >
        <span className="min-w-0 truncate">{command.label}</span>
        <span className="ml-auto shrink-0 text-xs text-muted">{command.hint}</span>
      </li>
    ))}
  </ul>
);
