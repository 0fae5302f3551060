import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { InstalledConnectors } from '../bundles/installed-connectors.js';
import { IdentityService } from '../identity/identity.service.js';
import type { SessionKey } from '../ports/lease.port.js';
import { type SessionFirewall, writeFirewall } from '../sessions/session-firewall.js';
import type { SessionRow } from '../sessions/session.js';
import { SessionsService, type StartedSession } from '../sessions/sessions.service.js';

export interface WantedWorkspaceSession {
  readonly tenantId: string;
  readonly userId: string;
  readonly agent: string;
  readonly workspace: string;
  readonly ttlSeconds: number;
  readonly requestId: string;
  readonly firewall: SessionFirewall;
}

/** Sessions of workspaces, for the workspace manager: those that a person started do not exist here. */
@Injectable()
export class WorkspaceSessionsService {
  /** Hosts that connectors reach, sorted: allowed whatever a workspace lists. */
  readonly connectorHosts: readonly string[];

  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(InstalledConnectors) connectors: InstalledConnectors,
  ) {
    this.connectorHosts = [...new Set(connectors.all.flatMap(({ hosts }) => hosts))].toSorted();
  }

  /**
   * A new session, or the one that this request made before. NOT_FOUND for a person of another tenant;
   * PRECONDITION_FAILED when the session of the request is somebody else's or has ended; see SessionsService.
   */
  async start(wanted: WantedWorkspaceSession, signal: AbortSignal): Promise<StartedSession> {
    const { agent, workspace, ttlSeconds, requestId } = wanted;
    const caller = await this.identity.find(wanted);
    const known = await this.sessions.findByRequest(wanted);
    if (known !== null) return await this.#resume(known, wanted, signal);
    const firewall = writeFirewall(wanted.firewall);
    try {
      return await this.sessions.start(caller, { agent, workspace, ttlSeconds, requestId, firewall }, signal);
    } catch (error) {
      // The same request at the same time, and the other one was first.
      const first = AileronError.is(error, 'CONFLICT') ? await this.sessions.findByRequest(wanted) : null;
      if (first === null) throw error;
      return await this.#resume(first, wanted, signal);
    }
  }

  async #resume(known: SessionRow, wanted: WantedWorkspaceSession, signal: AbortSignal): Promise<StartedSession> {
    const { userId, agent, workspace, requestId } = wanted;
    const refused = (reason: string) => new AileronError('PRECONDITION_FAILED', { requestId, reason });
    if (known.userId !== userId || known.agent !== agent || known.workspace !== workspace)
      throw refused('the request was another one before');
    try {
      return await this.sessions.resume(known, writeFirewall(wanted.firewall), signal);
    } catch (error) {
      throw AileronError.is(error, 'SESSION_ENDED') ? refused('its session has ended') : error;
    }
  }

  /** NOT_FOUND for another tenant's, and for one that no workspace has. */
  async get({ tenantId, sessionId }: SessionKey): Promise<SessionRow> {
    const session = await this.sessions.get({ tenantId, sessionId });
    if (session.requestId === null) throw new AileronError('NOT_FOUND', { sessionId });
    return session;
  }

  isLocked(session: SessionRow): Promise<boolean> {
    return this.sessions.isLocked(session);
  }

  async end(key: SessionKey): Promise<void> {
    await this.sessions.end(await this.get(key), 'requested');
  }

  /** SESSION_ENDED. */
  async updateFirewall(key: SessionKey, firewall: SessionFirewall): Promise<void> {
    const { tenantId, sessionId } = await this.get(key);
    await this.sessions.setFirewall({ tenantId, sessionId }, writeFirewall(firewall));
  }
}
