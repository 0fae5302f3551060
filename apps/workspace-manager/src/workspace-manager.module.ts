import { WorkspaceSessionService } from '@aileron/contracts/grpc';
import { type Client, clientToken } from '@aileron/service-host';
import { type DynamicModule, Module } from '@nestjs/common';
import { AgentLog } from './agents/agent-log.js';
import { AgentSender } from './agents/agent-sender.js';
import { AgentSessionsHttp } from './agents/agent-sessions.http.js';
import { AgentSessionsRepository } from './agents/agent-sessions.repository.js';
import { AgentSessionsService } from './agents/agent-sessions.service.js';
import { AgentsDuty } from './agents/agents.duty.js';
import { CONFIG, type WorkspaceManagerConfig } from './config.js';
import { WorkspaceDatabase } from './database/workspace-database.js';
import { DocsHttp } from './docs/docs.http.js';
import { FirewallService } from './firewall/firewall.service.js';
import { FilesHttp } from './inside/files.http.js';
import { InsideClients } from './inside/inside-clients.js';
import { TerminalsHttp } from './inside/terminals.http.js';
import { JobsService } from './jobs/jobs.service.js';
import { ManagerLink } from './leader/manager-link.js';
import { ManagerRuntime } from './manager-runtime.js';
import { OperationWorker } from './operations/operation-worker.js';
import { Provisioners } from './provisioners/provisioners.js';
import { TemplatesService } from './provisioners/templates.service.js';
import { EventSources } from './routes/event-source.js';
import { PlatformHttp } from './routes/platform.http.js';
import { StreamLimit } from './routes/stream-limit.js';
import { StreamSources } from './routes/stream-sources.js';
import { WebSockets } from './routes/web-sockets.js';
import { ExecutionSessionAdapter } from './sessions/execution-session.adapter.js';
import { EXECUTION_SESSIONS } from './sessions/execution-session.port.js';
import { ExecutionSessionsRepository } from './sessions/execution-sessions.repository.js';
import { SessionDuty } from './sessions/session.duty.js';
import { SessionFirewalls } from './sessions/session-firewalls.service.js';
import { StreamsHttp } from './streams/streams.http.js';
import { WorkspaceListFeed } from './streams/workspace-list-feed.js';
import { WorkspaceLog } from './streams/workspace-log.js';
import { InspectionService } from './sweep/inspection.service.js';
import { SweepDuty } from './sweep/sweep.duty.js';
import { TickDuty } from './sweep/tick.duty.js';
import { WatchDuty } from './watch/watch.duty.js';
import { LifecycleService } from './workspaces/lifecycle.service.js';
import { WorkspacesHttp } from './workspaces/workspaces.http.js';
import { WorkspacesRepository } from './workspaces/workspaces.repository.js';
import { WorkspacesService } from './workspaces/workspaces.service.js';

/** The whole service in one file. */
@Module({
  controllers: [WorkspacesHttp, StreamsHttp, FilesHttp, TerminalsHttp, AgentSessionsHttp, PlatformHttp, DocsHttp],
  providers: [
    WorkspaceDatabase,
    WorkspacesRepository,
    LifecycleService,
    WorkspacesService,
    FirewallService,
    Provisioners,
    TemplatesService,
    ExecutionSessionsRepository,
    SessionFirewalls,
    OperationWorker,
    InspectionService,
    JobsService,
    ManagerLink,
    TickDuty,
    SweepDuty,
    SessionDuty,
    WatchDuty,
    InsideClients,
    AgentSessionsRepository,
    AgentSessionsService,
    AgentSender,
    AgentLog,
    AgentsDuty,
    WorkspaceLog,
    WorkspaceListFeed,
    StreamSources,
    StreamLimit,
    EventSources,
    WebSockets,
    ManagerRuntime,
  ],
})
export class WorkspaceManagerModule {
  static with(config: WorkspaceManagerConfig): DynamicModule {
    const { tenantId } = config.tenant;
    const { userId } = config.user;
    return {
      module: WorkspaceManagerModule,
      providers: [
        { provide: CONFIG, useValue: config },
        {
          provide: EXECUTION_SESSIONS,
          inject: [clientToken(WorkspaceSessionService)],
          useFactory: (client: Client<typeof WorkspaceSessionService>) =>
            new ExecutionSessionAdapter(client, { tenantId, userId }),
        },
      ],
    };
  }
}
