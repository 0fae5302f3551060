import { classNames } from '@aileron/ui';
import { FileDiff, FolderTree, Info, type LucideIcon, MessageSquare, ScrollText, SquareTerminal } from 'lucide-react';
import { t } from '../i18n/translate.js';
import { ChatRegion } from './chat-region.js';
import { ContextPanel } from './context-panel.js';
import { DetailsPanel } from './details/details-panel.js';
import type { WorkspaceRegions } from './workspace-page.js';
import { PANEL_NAMES, PANELS, type Panel } from './workspace-view.js';

const ICONS: Readonly<Record<Panel, LucideIcon>> = {
  chat: MessageSquare,
  changes: FileDiff,
  files: FolderTree,
  terminal: SquareTerminal,
  logs: ScrollText,
  details: Info,
};

/** One region at a time, with a bar below. */
export const NarrowWorkspace = (regions: WorkspaceRegions) => {
  const { search, go, workspace } = regions;
  const panel = search.panel ?? 'chat';
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col">
        {panel === 'chat' && <ChatRegion {...regions} />}
        {panel === 'details' && (
          <div role="group" aria-label={PANEL_NAMES.details} tabIndex={0} className="overflow-y-auto">
            <DetailsPanel workspace={workspace} />
          </div>
        )}
        {panel !== 'chat' && panel !== 'details' && <ContextPanel {...regions} panel={panel} />}
      </div>
      <nav aria-label={t('Panels')} className="flex shrink-0 border-t border-line bg-surface">
        {PANELS.map((each) => {
          const Icon = ICONS[each];
          return (
            <button
              key={each}
              type="button"
              aria-current={each === panel ? 'page' : undefined}
              className={classNames(
                'flex min-w-0 flex-1 flex-col items-center gap-0.5 py-2 text-[0.6875rem]',
                each === panel ? 'font-medium text-accent' : 'text-muted',
              )}
              onClick={() => go({ panel: each })}
            >
              <Icon aria-hidden className="size-5" />
              {PANEL_NAMES[each]}
            </button>
          );
        })}
      </nav>
    </>
  );
};
