import { randomUUID } from 'node:crypto';
import {
  FirewallSettings,
  type CreateWorkspaceRequest,
  type ListWorkspacesQuery,
  type ListWorkspacesResponse,
  type Provisioner,
  type UpdateWorkspaceRequest,
  type WorkspaceView,
} from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { openWorkspace, type IntentAction } from '@aileron/lifecycle';
import { CLOCK, LOGGER, randomId, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { Provisioners } from '../provisioners/provisioners.js';
import { TemplatesService } from '../provisioners/templates.service.js';
import { readAskedSession } from '../sessions/asked-session.js';
import { ExecutionSessionsRepository } from '../sessions/execution-sessions.repository.js';
import { SessionFirewalls } from '../sessions/session-firewalls.service.js';
import { LifecycleService } from './lifecycle.service.js';
import { decodeCursor, encodeCursor } from './list-cursor.js';
import type { WorkspaceRecord } from './workspace-record.js';
import { viewOf } from './workspace-view.js';
import { WorkspacesRepository } from './workspaces.repository.js';

const CALL_MS = 5_000;
const FIREWALL_FIELDS = Object.keys(FirewallSettings.shape) as (keyof FirewallSettings)[];

/** What people want of workspaces. */
@Injectable()
export class WorkspacesService {
  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceManagerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(Provisioners) private readonly provisioners: Provisioners,
    @Inject(TemplatesService) private readonly templates: TemplatesService,
    @Inject(SessionFirewalls) private readonly firewalls: SessionFirewalls,
    @Inject(ExecutionSessionsRepository) private readonly sessions: ExecutionSessionsRepository,
  ) {}

  async create(request: CreateWorkspaceRequest): Promise<WorkspaceView> {
    const template = this.templates.get(request.template);
    assertOffered(template, request.provisioner);
    await this.provisioners.assertAvailable(request.provisioner);
    const workspaceId = randomId('wsp');
    const now = this.clock.now();
    const { state, effects } = openWorkspace({ workspaceId, browser: false, canvas: false }, now);
    const record: WorkspaceRecord = {
      workspaceId,
      name: request.name,
      provisioner: request.provisioner,
      template: template.name,
      image: request.image ?? template.image,
      state,
      containerLaunch: 0,
      firewall: { ...template.firewall, ...firewallOf(request) },
      createdBy: this.config.user.userId,
      createdAt: new Date(now),
      updatedAt: new Date(now),
      session: null,
      agentStates: [],
    };
    await this.workspaces.insert(record, effects, randomUUID());
    return viewOf(record);
  }

  async list(query: ListWorkspacesQuery): Promise<ListWorkspacesResponse> {
    const { limit, cursor, ...filter } = query;
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const records = await this.workspaces.list({ ...filter, limit: limit + 1, after });
    const page = records.slice(0, limit);
    const last = page.at(-1);
    const more = records.length > limit && last !== undefined;
    return { workspaces: page.map(viewOf), nextCursor: more ? encodeCursor(last) : null };
  }

  /** @throws AileronError NOT_FOUND */
  async get(workspaceId: string): Promise<WorkspaceRecord> {
    const record = await this.workspaces.find(workspaceId);
    if (record === null) throw new AileronError('NOT_FOUND', { workspaceId });
    return record;
  }

  async view(workspaceId: string): Promise<WorkspaceView> {
    return viewOf(await this.get(workspaceId));
  }

  async update(workspaceId: string, request: UpdateWorkspaceRequest, ifMatch: number | null): Promise<WorkspaceView> {
    const record = await this.workspaces.change(workspaceId, (before) => {
      assertAlive(before);
      if (ifMatch !== null && before.state.intent.generation !== ifMatch) throw new AileronError('CONFLICT');
      return { name: request.name ?? before.name, firewall: { ...before.firewall, ...firewallOf(request) } };
    });
    await this.#applyFirewall(record);
    return viewOf(record);
  }

  /** An intent: refused when the caller has seen another generation than the present one. */
  async intend(workspaceId: string, action: IntentAction, ifMatch: number | null): Promise<WorkspaceView> {
    if (action.name === 'start' || action.name === 'restart') {
      await this.provisioners.assertAvailable((await this.get(workspaceId)).provisioner);
    }
    const record = await this.lifecycle.apply(workspaceId, ({ state }) => ({
      type: 'intent',
      generation: (ifMatch ?? state.intent.generation) + 1,
      action,
    }));
    return viewOf(record);
  }

  /**
   * In every session that is used, or about to be. A launch that stores its session after this sees the settings of now;
   * what is not reached is told to the caller, and reached by the keeping of sessions.
   */
  async #applyFirewall(record: WorkspaceRecord): Promise<void> {
    const { workspaceId } = record;
    const within = AbortSignal.timeout(CALL_MS);
    try {
      const stored = await this.sessions.list(workspaceId);
      const present = stored.filter((session) => session.present && readAskedSession(session.sessionId) === null);
      await Promise.all(present.map(({ sessionId }) => this.firewalls.apply(sessionId, record, within)));
    } catch (error) {
      this.logger.warn({ err: error, workspaceId }, 'workspace.firewall-not-applied');
      throw error;
    }
  }
}

function firewallOf(request: UpdateWorkspaceRequest): Partial<FirewallSettings> {
  const given = FIREWALL_FIELDS.filter((field) => request[field] !== undefined);
  return Object.fromEntries(given.map((field) => [field, request[field]]));
}

function assertAlive({ state, workspaceId }: WorkspaceRecord): void {
  if (state.removed !== null) throw new AileronError('NOT_FOUND', { workspaceId });
  if (state.phase === 'deleting') throw new AileronError('PRECONDITION_FAILED', { reason: 'phase' });
}

function assertOffered(
  template: { name: string; provisioners: readonly Provisioner[] },
  provisioner: Provisioner,
): void {
  if (template.provisioners.includes(provisioner)) return;
  const message = `the template ${template.name} is made for ${template.provisioners.join(', ')}`;
  throw new AileronError('PROVISIONER_UNAVAILABLE', { provisioner, fields: [{ field: 'provisioner', message }] });
}
