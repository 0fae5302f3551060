import type { ConversationView } from '@aileron/contracts/agent-events';
import type { AgentSessionView } from '@aileron/contracts/workspace';
import { conversationFeed, conversationPath } from '@aileron/live-stream';
import { Badge, SkeletonRows } from '@aileron/ui';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { interruptAgent } from '../../api/agent-sessions.js';
import { problemOf } from '../../api/problem.js';
import { t } from '../../i18n/translate.js';
import { useFeed } from '../../streams/use-feed.js';
import { AGENT_STATES } from './agent-state.js';
import { Composer, isBusy } from './composer.js';
import { Gauge, Plan, Waiting } from './conversation-facts.js';
import { MessageList } from './message-list.js';
import { useOutbox } from './outbox.js';
import { StreamLine } from './stream-line.js';

interface PanelProps {
  readonly session: AgentSessionView;
  /** Above the composer: what waits outside of the conversation. */
  readonly children?: ReactNode;
}

/** The conversation with one agent, live. */
export const ConversationPanel = ({ session, children }: PanelProps) => {
  const { agentSessionId } = session;
  const feed = useFeed(conversationPath(agentSessionId), conversationFeed);
  const { view, ready, gap, status } = feed;
  const outbox = useOutbox(agentSessionId, view);
  return (
    <>
      <StreamLine status={status} onRetry={feed.retryNow} />
      {gap && (
        <p className="px-4 py-1 text-xs text-warn">{t('Some of the history is lost; what is here begins after it.')}</p>
      )}
      <Plan plan={view.plan} />
      {!ready && view.items.length === 0 ? (
        <div className="min-h-0 flex-1">
          <SkeletonRows label={t('Loading the conversation')} rows={6} />
        </div>
      ) : (
        <MessageList view={view} agentSessionId={agentSessionId}>
          <Waiting view={view} outbox={outbox} />
          <StateLine state={ready ? view.state : session.state} reason={ready ? view.reason : session.reason} />
        </MessageList>
      )}
      <Foot agentSessionId={agentSessionId} state={ready ? view.state : session.state} view={view} onSend={outbox.send}>
        {children}
      </Foot>
    </>
  );
};

/** Where one writes and stops, and what it costs. */
const Foot = ({
  agentSessionId,
  state,
  view,
  onSend,
  children,
}: {
  readonly agentSessionId: string;
  readonly state: AgentSessionView['state'];
  readonly view: ConversationView;
  readonly onSend: (text: string) => void;
  readonly children: ReactNode;
}) => {
  const interrupt = useMutation({ mutationFn: () => interruptAgent(agentSessionId) });
  useEscape(isBusy(state) ? () => interrupt.mutate() : null);
  return (
    <div className="shrink-0 border-t border-line px-3 pt-2 pb-2">
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-2">
        {children}
        {interrupt.isError && (
          <p role="alert" className="text-xs text-bad">
            {problemOf(interrupt.error).message}
          </p>
        )}
        <div>
          <Composer
            key={agentSessionId}
            agentSessionId={agentSessionId}
            state={state}
            onSend={onSend}
            onInterrupt={() => interrupt.mutate()}
          />
          <Gauge view={view} />
        </div>
      </div>
    </div>
  );
};

/** Esc interrupts, unless it closes something or belongs to a terminal or an editor. */
function useEscape(interrupt: (() => void) | null): void {
  useEffect(() => {
    if (interrupt === null) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest('[role=dialog], [role=menu], .xterm, .cm-editor') !== null && target !== null) return;
      if (document.querySelector('[role=dialog]') !== null) return;
      interrupt();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
}

const StateLine = ({
  state,
  reason,
}: {
  readonly state: AgentSessionView['state'];
  readonly reason: string | null;
}) => {
  const { word, tone } = AGENT_STATES[state];
  return (
    <p role="status" className="flex items-center gap-2 pb-1 text-xs text-muted">
      <Badge tone={tone}>{word}</Badge>
      {reason}
    </p>
  );
};
