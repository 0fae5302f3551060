import {
  type AgentEvent,
  applyAgentEvent,
  ConversationSnapshot,
  type ConversationView,
  EMPTY_CONVERSATION,
  readAgentEvent,
} from '@aileron/contracts/agent-events';
import { z } from 'zod';
import { NumberedFeed } from './numbered-feed.js';

export const conversationPath = (agentSessionId: string): string =>
  `/api/v1/agent-sessions/${encodeURIComponent(agentSessionId)}/events`;

/** The stream of one agent as the conversation that it makes. An event of a later version counts as one that is missing. */
export const conversationFeed = (): NumberedFeed<ConversationView, AgentEvent | null, ConversationView> =>
  new NumberedFeed<ConversationView, AgentEvent | null, ConversationView>(
    {
      empty: EMPTY_CONVERSATION,
      apply: (view, event) => (event === null ? view : applyAgentEvent(view, event)),
      replace: (snapshot) => snapshot,
    },
    z.unknown().transform(readAgentEvent),
    ConversationSnapshot,
  );
