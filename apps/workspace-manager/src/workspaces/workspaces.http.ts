import type {
  BlockedRequests,
  EffectiveFirewall,
  ListWorkspacesResponse,
  WorkspaceView,
} from '@aileron/contracts/workspace';
import { Controller, Inject } from '@nestjs/common';
import { FirewallService } from '../firewall/firewall.service.js';
import { Input, Serves, type RouteInput } from '../routes/serves.js';
import { EXECUTION_SESSIONS, type ExecutionSessionPort } from '../sessions/execution-session.port.js';
import { WorkspacesService } from './workspaces.service.js';

const CALL_MS = 5_000;

@Controller()
export class WorkspacesHttp {
  constructor(
    @Inject(WorkspacesService) private readonly workspaces: WorkspacesService,
    @Inject(FirewallService) private readonly firewall: FirewallService,
    @Inject(EXECUTION_SESSIONS) private readonly sessions: ExecutionSessionPort,
  ) {}

  @Serves('createWorkspace')
  create(@Input() { body }: RouteInput<'createWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.create(body);
  }

  @Serves('listWorkspaces')
  list(@Input() { query }: RouteInput<'listWorkspaces'>): Promise<ListWorkspacesResponse> {
    return this.workspaces.list(query);
  }

  @Serves('getWorkspace')
  get(@Input() { params }: RouteInput<'getWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.view(params.workspaceId);
  }

  @Serves('updateWorkspace')
  update(@Input() { params, body, ifMatch }: RouteInput<'updateWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.update(params.workspaceId, body, ifMatch);
  }

  @Serves('deleteWorkspace')
  delete(@Input() { params, query, ifMatch }: RouteInput<'deleteWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.intend(params.workspaceId, { name: 'delete', force: query.force }, ifMatch);
  }

  @Serves('startWorkspace')
  start(@Input() { params, ifMatch }: RouteInput<'startWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.intend(params.workspaceId, { name: 'start' }, ifMatch);
  }

  @Serves('stopWorkspace')
  stop(@Input() { params, ifMatch }: RouteInput<'stopWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.intend(params.workspaceId, { name: 'stop' }, ifMatch);
  }

  @Serves('restartWorkspace')
  restart(@Input() { params, ifMatch }: RouteInput<'restartWorkspace'>): Promise<WorkspaceView> {
    return this.workspaces.intend(params.workspaceId, { name: 'restart' }, ifMatch);
  }

  @Serves('restartComponent')
  restartComponent(@Input() { params, ifMatch }: RouteInput<'restartComponent'>): Promise<WorkspaceView> {
    const { workspaceId, component } = params;
    return this.workspaces.intend(workspaceId, { name: 'restart-component', component }, ifMatch);
  }

  @Serves('getFirewall')
  async getFirewall(@Input() { params }: RouteInput<'getFirewall'>): Promise<EffectiveFirewall> {
    const { firewall, session } = await this.workspaces.get(params.workspaceId);
    const signal = AbortSignal.timeout(CALL_MS);
    const domains = session === null ? [] : await this.sessions.connectorDomains(session.sessionId, signal);
    return this.firewall.effective(firewall, domains);
  }

  @Serves('listBlockedRequests')
  async listBlocked(@Input() { params }: RouteInput<'listBlockedRequests'>): Promise<BlockedRequests> {
    const { workspaceId } = await this.workspaces.get(params.workspaceId);
    const blocked = await this.sessions.listBlocked(workspaceId, AbortSignal.timeout(CALL_MS));
    return {
      blocked: blocked.slice(0, 500).map(({ host, count, lastAt }) => ({ host, count, lastAt: lastAt.toISOString() })),
    };
  }
}
