import type { AgentSessionView, WorkspaceView } from '@aileron/contracts/workspace';
import { Button, Confirm, Empty, SelectField } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MessagesSquare, Play, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { agentSessionsKey, agentSessionsQuery, createAgentSession, endAgentSession } from '../api/agent-sessions.js';
import { problemOf } from '../api/problem.js';
import { templatesQuery } from '../api/workspaces.js';
import { t } from '../i18n/translate.js';
import { Loaded } from '../shell/loaded.js';
import { useIntent } from '../workspaces/workspace-actions.js';
import { TabStrip } from '../shell/tab-strip.js';
import { phaseWord } from '../workspaces/workspace-state.js';
import { AGENT_STATES } from './conversation/agent-state.js';
import { ConversationPanel } from './conversation/conversation-panel.js';
import { UnlockBanner } from './details/unlock-dialog.js';
import { StepList } from './logs/step-list.js';
import { WaitingApprovals } from './waiting-approvals.js';
import type { WorkspaceRegions } from './workspace-page.js';

/** The conversations of a workspace; before it runs, how far it is. */
export const ChatRegion = (regions: WorkspaceRegions) => {
  const { workspace, search, go } = regions;
  const query = useQuery(agentSessionsQuery(workspace.workspaceId));
  if (workspace.phase !== 'running' && (query.data?.agentSessions.length ?? 0) === 0) return <NotReady {...regions} />;
  return (
    <Loaded query={query} label={t('Loading conversations')}>
      {({ agentSessions }) => {
        const current =
          agentSessions.find(({ agentSessionId }) => agentSessionId === search.session) ?? agentSessions[0];
        if (current === undefined) return <FirstAgent workspace={workspace} />;
        return (
          <>
            <SessionTabs
              workspace={workspace}
              sessions={agentSessions}
              current={current}
              onSelect={(session) => go({ session })}
            />
            <ConversationPanel key={current.agentSessionId} session={current}>
              <UnlockBanner workspace={workspace} />
              <WaitingApprovals sessionId={workspace.sessionId} />
              {workspace.phase !== 'running' && <Stopped workspace={workspace} />}
            </ConversationPanel>
          </>
        );
      }}
    </Loaded>
  );
};

/** How the workspace comes to be, step by step; or that it is stopped, with the way on. */
const NotReady = ({ workspace, lines }: WorkspaceRegions) => (
  <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="group" aria-label={t('Progress')}>
    {workspace.phase === 'stopped' ? (
      <Empty icon={<MessagesSquare />} title={t('Stopped')} action={<StartButton workspace={workspace} />}>
        {t('Its files and conversations are kept.')}
      </Empty>
    ) : (
      <StepList workspace={workspace} lines={lines} />
    )}
  </div>
);

const StartButton = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const intent = useIntent(workspace);
  return (
    <Button tone="primary" className="mt-2" disabled={intent.isPending} onClick={() => intent.mutate('start')}>
      <Play aria-hidden /> {t('Start')}
    </Button>
  );
};

const Stopped = ({ workspace }: { readonly workspace: WorkspaceView }) => (
  <p role="status" className="flex items-center gap-2 rounded-md border border-line px-3 py-1.5 text-xs text-muted">
    {phaseWord(workspace.phase)}: {workspace.reason}
  </p>
);

function useNewAgent(workspaceId: string, onCreated?: (session: AgentSessionView) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (agent: string) => createAgentSession({ workspace: workspaceId, agent }),
    onSuccess: async (session) => {
      await queries.invalidateQueries({ queryKey: agentSessionsKey(workspaceId) });
      onCreated?.(session);
    },
  });
}

/** Agents that the workspace’s template offers. */
function useAgents({ template }: WorkspaceView): readonly string[] {
  const templates = useQuery(templatesQuery).data?.templates ?? [];
  const found = templates.find(({ name, isDefault }) => (template === null ? isDefault : name === template));
  return found === undefined || found.agents.length === 0 ? ['claude-code'] : found.agents;
}

const FirstAgent = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const agents = useAgents(workspace);
  const [agent, setAgent] = useState<string | null>(null);
  const { mutate, isPending, error } = useNewAgent(workspace.workspaceId);
  const chosen = agent ?? agents[0] ?? 'claude-code';
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="px-3 pt-3">
        <UnlockBanner workspace={workspace} />
      </div>
      <Empty
        icon={<MessagesSquare />}
        title={t('No agent works here yet')}
        action={
          <div className="mt-2 flex flex-col items-center gap-2">
            {agents.length > 1 && (
              <SelectField
                label={t('Agent')}
                options={agents.map((value) => ({ value, label: value }))}
                value={chosen}
                onChange={({ target }) => setAgent(target.value)}
              />
            )}
            <Button tone="primary" disabled={isPending} onClick={() => mutate(chosen)}>
              <Plus aria-hidden /> {isPending ? t('Starting…') : t('Start {agent}', { agent: chosen })}
            </Button>
            {error !== null && (
              <p role="alert" className="text-bad">
                {problemOf(error).message} {problemOf(error).action}
              </p>
            )}
          </div>
        }
      >
        {t('Start one and tell it what to do. It works in this workspace; what goes out asks first.')}
      </Empty>
    </div>
  );
};

const SessionTabs = ({
  workspace,
  sessions,
  current,
  onSelect,
}: {
  readonly workspace: WorkspaceView;
  readonly sessions: readonly AgentSessionView[];
  readonly current: AgentSessionView;
  readonly onSelect: (agentSessionId: string) => void;
}) => {
  const agents = useAgents(workspace);
  const { mutate, isPending } = useNewAgent(workspace.workspaceId, ({ agentSessionId }) => onSelect(agentSessionId));
  const tabs = sessions.map(({ agentSessionId, title, state }) => ({
    id: agentSessionId,
    title: (
      <>
        {title} <span className="sr-only">{AGENT_STATES[state].word}</span>
      </>
    ),
  }));
  const add = {
    label: t('New agent'),
    disabled: isPending || workspace.phase !== 'running',
    onAdd: () => mutate(agents[0] ?? 'claude-code'),
  };
  return (
    <TabStrip label={t('Agents')} tabs={tabs} current={current.agentSessionId} onSelect={onSelect} add={add}>
      {current.state !== 'ended' && <EndAgent session={current} />}
    </TabStrip>
  );
};

const EndAgent = ({ session }: { readonly session: AgentSessionView }) => {
  const queries = useQueryClient();
  return (
    <Confirm
      trigger={
        <Button tone="quiet" size="icon" aria-label={t('End {title}', { title: session.title })}>
          <X aria-hidden />
        </Button>
      }
      title={t('End {title}?', { title: session.title })}
      confirm={t('End the agent')}
      danger
      onConfirm={async () => {
        await endAgentSession(session.agentSessionId);
        await queries.invalidateQueries({ queryKey: agentSessionsKey(session.workspaceId) });
      }}
    >
      <p>{t('What it is doing is interrupted and its queue is dropped. What it said stays to be read.')}</p>
    </Confirm>
  );
};
