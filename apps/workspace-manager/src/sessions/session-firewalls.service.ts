import { Inject, Injectable } from '@nestjs/common';
import { FirewallService } from '../firewall/firewall.service.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { EXECUTION_SESSIONS, type ExecutionSessionPort, type SessionFirewall } from './execution-session.port.js';

/** What sessions may reach is what the settings of their workspaces say. */
@Injectable()
export class SessionFirewalls {
  constructor(
    @Inject(FirewallService) private readonly firewall: FirewallService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
    @Inject(EXECUTION_SESSIONS) private readonly sessions: ExecutionSessionPort,
  ) {}

  of({ firewall }: Pick<WorkspaceRecord, 'firewall'>): SessionFirewall {
    return this.firewall.sessionFirewall(firewall);
  }

  /**
   * Brings a session to what is stored. The settings are read again after each call: of two changes at a time, the one
   * whose call came last sees the other.
   */
  async apply(sessionId: string, record: WorkspaceRecord, signal: AbortSignal): Promise<void> {
    for (let wanted = this.of(record); ;) {
      await this.sessions.updateFirewall(sessionId, wanted, signal);
      const stored = await this.workspaces.find(record.workspaceId);
      if (stored === null || isSameFirewall(this.of(stored), wanted)) return;
      wanted = this.of(stored);
    }
  }
}

/** The order of domains says nothing. */
export function isSameFirewall(one: SessionFirewall, other: SessionFirewall): boolean {
  return keyOf(one) === keyOf(other);
}

const keyOf = ({ networkAccess, mode, domains }: SessionFirewall): string =>
  JSON.stringify([networkAccess, mode, [...new Set(domains)].toSorted()]);
