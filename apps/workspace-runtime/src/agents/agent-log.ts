import { randomUUID } from 'node:crypto';
import {
  AgentEvent,
  applyAgentEvent,
  ConversationSnapshot,
  type ConversationView,
  dropOldestItems,
  EMPTY_CONVERSATION,
} from '@aileron/contracts/agent-events';
import { EventLog, jsonCodec, MemoryStorage } from '@aileron/event-log';

export type AgentLog = EventLog<AgentEvent, ConversationView>;

const MIB = 1 << 20;

/** Beyond these, older events of an agent become a snapshot. */
const RETENTION = { maxEvents: 4_000, maxBytes: 8 * MIB, keepEvents: 1_000 };
const LIMITS = { maxSubscribers: 16, recentBytes: 2 * MIB };
/** A message of gRPC has 4 MiB; a view with as many short items and escaped characters as there may be is more. */
const LARGEST_VIEW_BYTES = 3 * MIB;

/** The streams of this workspace's agents, as long as this process lives. An epoch is one start of it. */
export function createAgentLog(onFault: (stream: string, cause: unknown) => void): AgentLog {
  return new EventLog({
    storage: new MemoryStorage(),
    codec: jsonCodec(AgentEvent, ConversationSnapshot),
    newEpoch: () => `agt-${randomUUID()}`,
    limits: LIMITS,
    retention: {
      ...RETENTION,
      fold: (view, events) => fitting(events.reduce(applyAgentEvent, view ?? EMPTY_CONVERSATION)),
    },
    onFault: ({ stream, cause }) => onFault(stream, cause),
  });
}

function fitting(view: ConversationView): ConversationView {
  let fit = view;
  while (fit.items.length > 1 && Buffer.byteLength(JSON.stringify(fit)) > LARGEST_VIEW_BYTES)
    fit = dropOldestItems(fit, Math.ceil(fit.items.length / 8));
  return fit;
}
