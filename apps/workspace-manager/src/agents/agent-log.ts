import { randomUUID } from 'node:crypto';
import {
  AgentEvent,
  applyAgentEvent,
  ConversationSnapshot,
  EMPTY_CONVERSATION,
  type ConversationView,
} from '@aileron/contracts/agent-events';
import { EventLog, jsonCodec } from '@aileron/event-log';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { WorkspaceDatabase } from '../database/workspace-database.js';
import type { NoticeListener } from '../leader/manager-link.js';
import { FollowedStreams } from '../streams/followed-streams.js';
import { PostgresStreamStorage } from '../streams/stream-storage.repository.js';
import type { ChangeNotice } from '../workspaces/change-notice.js';
import { agentStream } from './agent-record.js';

const COMPACT_AFTER = 500;
const KEEP_EVENTS = 1_000;

/** The conversations: copied from runtimes, read from here, and kept when those are gone. */
@Injectable()
export class AgentLog extends FollowedStreams<AgentEvent, ConversationView> implements NoticeListener {
  readonly #log: EventLog<AgentEvent, ConversationView>;

  constructor(
    @Inject(CONFIG) config: Pick<WorkspaceManagerConfig, 'tenant'>,
    @Inject(WorkspaceDatabase) database: Pick<WorkspaceDatabase, 'run'>,
    @Inject(LOGGER) logger: Logger,
  ) {
    const log = new EventLog<AgentEvent, ConversationView>({
      storage: new PostgresStreamStorage(database.run, config.tenant.tenantId),
      codec: jsonCodec(AgentEvent, ConversationSnapshot),
      newEpoch: randomUUID,
    });
    super({
      log,
      fold: (view, events) => events.reduce(applyAgentEvent, view ?? EMPTY_CONVERSATION),
      compactAfter: COMPACT_AFTER,
      keepEvents: KEEP_EVENTS,
      onFault: (stream, error) => logger.warn({ err: error, stream }, 'stream.failed'),
    });
    this.#log = log;
  }

  onNotice(notice: ChangeNotice): void {
    if (notice.type === 'agent') this.written(agentStream(notice.agentSessionId));
    // Its agents' streams went with it: who reads one hears that it ended.
    if (notice.type === 'removed') this.refreshAll();
  }

  onResync(): void {
    this.refreshAll();
  }

  /** What all that is stored comes to. */
  async read(agentSessionId: string): Promise<ConversationView> {
    const done = new AbortController();
    let view = EMPTY_CONVERSATION;
    const stream = agentStream(agentSessionId);
    await this.#log.refresh(stream);
    for await (const delivery of this.#log.attach(stream, null, done.signal)) {
      if (delivery.type === 'snapshot') view = delivery.snapshot;
      else if (delivery.type === 'events')
        view = delivery.events.reduce((now, { event }) => applyAgentEvent(now, event), view);
      else if (delivery.type !== 'gap') break;
    }
    done.abort();
    return view;
  }

  /** A runtime has folded what was not copied from it: readers are told that something is missing, and get the view. */
  async replace(agentSessionId: string, view: ConversationView): Promise<void> {
    await this.#log.beginEpoch(agentStream(agentSessionId), view);
  }
}
