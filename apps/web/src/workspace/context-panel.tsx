import { Empty, SkeletonRows } from '@aileron/ui';
import { useQuery } from '@tanstack/react-query';
import { CirclePause } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { agentSessionsQuery } from '../api/agent-sessions.js';
import { t } from '../i18n/translate.js';
import { useWide } from '../shell/use-wide.js';
import { phaseWord } from '../workspaces/workspace-state.js';
import { LogPanel } from './logs/log-panel.js';
import type { WorkspaceRegions } from './workspace-page.js';
import type { CONTEXT_PANELS } from './workspace-view.js';

const ChangesPanel = lazy(() =>
  import('./changes/changes-panel.js').then((module) => ({ default: module.ChangesPanel })),
);
const FilesPanel = lazy(() => import('./files/files-panel.js').then((module) => ({ default: module.FilesPanel })));
const TerminalPanel = lazy(() =>
  import('./terminal/terminal-panel.js').then((module) => ({ default: module.TerminalPanel })),
);

/** What stands beside the conversation. */
export const ContextPanel = ({
  panel,
  ...regions
}: WorkspaceRegions & { readonly panel: (typeof CONTEXT_PANELS)[number] }) => {
  const { workspace, lines, search, go } = regions;
  const { workspaceId, phase } = workspace;
  const talked = (useQuery(agentSessionsQuery(workspaceId)).data?.agentSessions.length ?? 0) > 0;
  const wide = useWide();
  if (panel === 'logs') {
    return <LogPanel workspace={workspace} lines={lines} withSteps={!wide || talked || phase === 'running'} />;
  }
  if (phase !== 'running') return <NotRunning phase={phaseWord(phase)} />;
  return (
    <Suspense fallback={<SkeletonRows label={t('Loading')} rows={8} />}>
      {panel === 'changes' && (
        <ChangesPanel workspaceId={workspaceId} onOpenFile={(file) => go({ panel: 'files', file })} />
      )}
      {panel === 'files' && (
        <FilesPanel workspaceId={workspaceId} file={search.file} onOpen={(file) => go({ panel: 'files', file })} />
      )}
      {panel === 'terminal' && (
        <TerminalPanel
          workspaceId={workspaceId}
          terminalId={search.terminal}
          onSelect={(terminal) => go({ panel: 'terminal', terminal })}
        />
      )}
    </Suspense>
  );
};

const NotRunning = ({ phase }: { readonly phase: string }) => (
  <Empty icon={<CirclePause />} title={phase}>
    {t('Files, changes and terminals are here while the workspace runs.')}
  </Empty>
);
