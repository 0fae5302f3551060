import type { ListProvisionersResponse, ListTemplatesResponse, WorkspaceHealth } from '@aileron/contracts/workspace';
import { Controller, HttpStatus, Inject } from '@nestjs/common';
import { JobsService } from '../jobs/jobs.service.js';
import { Provisioners } from '../provisioners/provisioners.js';
import { TemplatesService } from '../provisioners/templates.service.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { Exchange, Serves, type HttpExchange } from './serves.js';

@Controller()
export class PlatformHttp {
  constructor(
    @Inject(TemplatesService) private readonly templates: TemplatesService,
    @Inject(Provisioners) private readonly provisioners: Provisioners,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
    @Inject(JobsService) private readonly jobs: JobsService,
  ) {}

  @Serves('listTemplates')
  listTemplates(): ListTemplatesResponse {
    return { templates: this.templates.list() };
  }

  @Serves('listProvisioners')
  async listProvisioners(): Promise<ListProvisionersResponse> {
    return { provisioners: await this.provisioners.list() };
  }

  /** 503 when something it needs does not answer, so that a load balancer looks elsewhere. */
  @Serves('getHealth')
  async health(@Exchange() { reply }: HttpExchange): Promise<WorkspaceHealth> {
    const [database, queue] = await Promise.all([
      this.workspaces.ping().then(
        () => 'ok' as const,
        () => 'unreachable' as const,
      ),
      this.jobs.isReachable().then((reachable) => (reachable ? ('ok' as const) : ('unreachable' as const))),
    ]);
    const ok = database === 'ok' && queue === 'ok';
    if (!ok) void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ok ? 'ok' : 'degraded', service: 'ok', database, queue };
  }
}
