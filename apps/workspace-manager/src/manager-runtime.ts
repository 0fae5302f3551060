import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AgentLog } from './agents/agent-log.js';
import { AgentsDuty } from './agents/agents.duty.js';
import { JobsService } from './jobs/jobs.service.js';
import { ManagerLink } from './leader/manager-link.js';
import { OperationWorker } from './operations/operation-worker.js';
import { SessionDuty } from './sessions/session.duty.js';
import { WorkspaceListFeed } from './streams/workspace-list-feed.js';
import { WorkspaceLog } from './streams/workspace-log.js';
import { SweepDuty } from './sweep/sweep.duty.js';
import { TickDuty } from './sweep/tick.duty.js';
import { WatchDuty } from './watch/watch.duty.js';

/** Starts what works by itself, and ends it in order: what was begun is handed over before the database goes. */
@Injectable()
export class ManagerRuntime implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(ManagerLink) private readonly link: ManagerLink,
    @Inject(JobsService) private readonly jobs: JobsService,
    @Inject(OperationWorker) private readonly operations: OperationWorker,
    @Inject(TickDuty) private readonly ticks: TickDuty,
    @Inject(SweepDuty) private readonly sweeps: SweepDuty,
    @Inject(SessionDuty) private readonly sessions: SessionDuty,
    @Inject(WatchDuty) private readonly watches: WatchDuty,
    @Inject(WorkspaceLog) private readonly workspaceLog: WorkspaceLog,
    @Inject(AgentLog) private readonly agentLog: AgentLog,
    @Inject(AgentsDuty) private readonly agents: AgentsDuty,
    @Inject(WorkspaceListFeed) private readonly list: WorkspaceListFeed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { operations } = this;
    for (const listener of [this.watches, this.workspaceLog, this.agentLog, this.list]) this.link.listen(listener);
    this.link.listen({
      onNotice: (notice) => {
        if (notice.type === 'cancel') operations.cancel(notice.workspaceId, notice.fence);
      },
      onResync: () => undefined,
    });
    for (const duty of [this.ticks, this.sweeps, this.sessions, this.watches]) {
      this.link.addDuty((signal) => duty.run(signal));
    }
    this.watches.listen(this.agents);
    await this.jobs.start();
    this.link.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.link.close();
    await this.agents.settled();
    await this.jobs.close();
    await this.operations.close();
    await Promise.all([this.workspaceLog.close(), this.agentLog.close()]);
  }
}
