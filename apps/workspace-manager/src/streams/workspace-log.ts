import { randomUUID } from 'node:crypto';
import { WorkspaceEvent, WorkspaceEventsView } from '@aileron/contracts/workspace';
import { EventLog, jsonCodec } from '@aileron/event-log';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { WorkspaceDatabase } from '../database/workspace-database.js';
import type { NoticeListener } from '../leader/manager-link.js';
import type { ChangeNotice } from '../workspaces/change-notice.js';
import { workspaceStream } from '../workspaces/workspace-record.js';
import { FollowedStreams } from './followed-streams.js';
import { PostgresStreamStorage } from './stream-storage.repository.js';

const MOST_LINES = 500;
const COMPACT_AFTER = 400;
const KEEP_EVENTS = 100;

/** The streams of workspaces: written with what they tell of, read from here. */
@Injectable()
export class WorkspaceLog extends FollowedStreams<WorkspaceEvent, WorkspaceEventsView> implements NoticeListener {
  constructor(
    @Inject(CONFIG) config: Pick<WorkspaceManagerConfig, 'tenant'>,
    @Inject(WorkspaceDatabase) database: Pick<WorkspaceDatabase, 'run'>,
    @Inject(LOGGER) logger: Logger,
  ) {
    super({
      log: new EventLog({
        storage: new PostgresStreamStorage(database.run, config.tenant.tenantId),
        codec: jsonCodec(WorkspaceEvent, WorkspaceEventsView),
        newEpoch: randomUUID,
      }),
      fold: foldWorkspace,
      compactAfter: COMPACT_AFTER,
      keepEvents: KEEP_EVENTS,
      onFault: (stream, error) => logger.warn({ err: error, stream }, 'stream.failed'),
    });
  }

  onNotice(notice: ChangeNotice): void {
    if (notice.type === 'workspace' || notice.type === 'lines' || notice.type === 'removed') {
      this.written(workspaceStream(notice.workspaceId), notice.type === 'removed');
    }
  }

  onResync(): void {
    this.refreshAll();
  }
}

/** The view after more events. */
function foldWorkspace(view: WorkspaceEventsView | null, events: readonly WorkspaceEvent[]): WorkspaceEventsView {
  let workspace = view?.workspace ?? null;
  const lines = [...(view?.lines ?? [])];
  for (const event of events) {
    if (event.type === 'changed') workspace = event.workspace;
    else lines.push({ at: event.at, step: event.step, text: event.text });
  }
  return { workspace, lines: lines.slice(-MOST_LINES) };
}
