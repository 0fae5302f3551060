import type { AttachQuery } from '@aileron/contracts/workspace';
import type { StreamPosition } from '@aileron/event-log';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EventSources } from '../routes/event-source.js';
import { Input, Serves, type RouteInput } from '../routes/serves.js';
import { StreamSources } from '../routes/stream-sources.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { workspaceStream } from '../workspaces/workspace-record.js';
import { WorkspaceListFeed } from './workspace-list-feed.js';
import { WorkspaceLog } from './workspace-log.js';

/** The place in the query; null: from the beginning. */
export const placeOf = ({ epoch, seq }: AttachQuery): StreamPosition | null =>
  epoch === undefined || seq === undefined ? null : { epoch, seq };

@Controller()
export class StreamsHttp {
  constructor(
    @Inject(EventSources) private readonly events: EventSources,
    @Inject(StreamSources) sources: StreamSources,
    @Inject(WorkspacesService) workspaces: WorkspacesService,
    @Inject(WorkspaceLog) log: WorkspaceLog,
    @Inject(WorkspaceListFeed) list: WorkspaceListFeed,
  ) {
    sources.add('watchWorkspaces', async (_input, signal) => ({ messages: list.follow(signal) }));
    sources.add('watchWorkspace', async ({ params, query }, signal) => {
      const { workspaceId } = await workspaces.get(params.workspaceId);
      return { messages: log.attach(workspaceStream(workspaceId), placeOf(query), signal) };
    });
  }

  @Serves('watchWorkspaces')
  watchAll(@Input() input: RouteInput<'watchWorkspaces'>, @Res() reply: FastifyReply): Promise<void> {
    return this.events.serve('watchWorkspaces', input, reply);
  }

  @Serves('watchWorkspace')
  watch(@Input() input: RouteInput<'watchWorkspace'>, @Res() reply: FastifyReply): Promise<void> {
    return this.events.serve('watchWorkspace', input, reply);
  }
}
