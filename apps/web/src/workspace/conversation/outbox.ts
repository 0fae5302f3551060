import type { ConversationView } from '@aileron/contracts/agent-events';
import { useCallback, useState } from 'react';
import { sendMessage } from '../../api/agent-sessions.js';
import { problemOf } from '../../api/problem.js';

/** A message on its way: it is shown until the conversation has it. */
export interface Outgoing {
  readonly messageId: string;
  readonly text: string;
  /** Why it did not arrive; null while it is tried. */
  readonly failure: string | null;
}

/** Those that the conversation does not have yet. */
export function notArrived(outgoing: readonly Outgoing[], view: ConversationView): readonly Outgoing[] {
  if (outgoing.length === 0) return outgoing;
  const known = new Set([
    ...view.items.flatMap((item) => (item.type === 'message' ? [item.messageId] : [])),
    ...view.queue.map(({ messageId }) => messageId),
  ]);
  return outgoing.filter(({ messageId }) => !known.has(messageId));
}

export interface Outbox {
  readonly outgoing: readonly Outgoing[];
  readonly send: (text: string) => void;
  /** The same message again: it counts once, whatever arrived. */
  readonly retry: (messageId: string) => void;
  readonly discard: (messageId: string) => void;
}

export function useOutbox(agentSessionId: string, view: ConversationView): Outbox {
  const [all, setAll] = useState<readonly Outgoing[]>([]);
  const attempt = useCallback(
    async ({ messageId, text }: Omit<Outgoing, 'failure'>) => {
      const put = (failure: string | null) =>
        setAll((list) => [...list.filter((each) => each.messageId !== messageId), { messageId, text, failure }]);
      put(null);
      try {
        await sendMessage(agentSessionId, messageId, text);
      } catch (error) {
        put(problemOf(error).message);
      }
    },
    [agentSessionId],
  );
  const outgoing = notArrived(all, view);
  return {
    outgoing,
    send: (text) => void attempt({ messageId: crypto.randomUUID(), text }),
    retry: (messageId) => {
      const found = all.find((each) => each.messageId === messageId);
      if (found !== undefined) void attempt(found);
    },
    discard: (messageId) => setAll((list) => list.filter((each) => each.messageId !== messageId)),
  };
}
