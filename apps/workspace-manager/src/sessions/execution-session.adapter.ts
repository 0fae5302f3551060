import { DomainAccessMode, SessionState, type Firewall, type WorkspaceSessionService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import type { Client } from '@aileron/service-host';
import { Secret } from '@aileron/vault';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type {
  BlockedHost,
  ExecutionSessionPort,
  SeenSession,
  SessionFirewall,
  StartedSession,
} from './execution-session.port.js';

/** A proxy has to prepare the session. */
const START_MS = 15_000;

/** ExecutionSessionPort over the gRPC contract. */
export class ExecutionSessionAdapter implements ExecutionSessionPort {
  constructor(
    private readonly client: Client<typeof WorkspaceSessionService>,
    private readonly caller: { readonly tenantId: string; readonly userId: string },
  ) {}

  async start(input: Parameters<ExecutionSessionPort['start']>[0], signal: AbortSignal): Promise<StartedSession> {
    const { workspaceId: workspace, agent, firewall, ttlSeconds, requestId } = input;
    const answer = await this.client.startSession(
      { ...this.caller, workspace, agent, ttlSeconds, requestId, firewall: toFirewall(firewall) },
      { signal, deadlineMs: START_MS },
    );
    const { sessionId, agentToken, runtimeDirectory, expiresAt } = answer;
    if (expiresAt === undefined) throw new AileronError('INTERNAL', { reason: 'session-without-end' });
    return {
      sessionId,
      agentToken: Secret.fromString(agentToken),
      runtimeDirectory,
      expiresAt: timestampDate(expiresAt),
    };
  }

  async end(sessionId: string, signal: AbortSignal): Promise<void> {
    await this.client.endSession(this.#key(sessionId), { signal }).catch(unlessGone);
  }

  async updateFirewall(sessionId: string, firewall: SessionFirewall, signal: AbortSignal): Promise<void> {
    const request = { ...this.#key(sessionId), firewall: toFirewall(firewall) };
    await this.client.updateFirewall(request, { signal }).catch(unlessGone);
  }

  async read(sessionId: string, signal: AbortSignal): Promise<SeenSession | null> {
    const found = await this.client.getSession(this.#key(sessionId), { signal }).catch(unlessGone);
    if (found === undefined || found.state === SessionState.ENDED) return null;
    return { locked: found.locked, firewall: found.firewall === undefined ? null : fromFirewall(found.firewall) };
  }

  async connectorDomains(sessionId: string, signal: AbortSignal): Promise<readonly string[]> {
    const found = await this.client.getSession(this.#key(sessionId), { signal }).catch(unlessGone);
    return found?.connectorHosts ?? [];
  }

  async listBlocked(workspaceId: string, signal: AbortSignal): Promise<readonly BlockedHost[]> {
    const { tenantId } = this.caller;
    const of = { case: 'workspace', value: workspaceId } as const;
    const { hosts } = await this.client.listBlocked({ tenantId, of }, { signal });
    return hosts.flatMap(({ host, count, lastAt }) =>
      lastAt === undefined || count === 0n ? [] : [{ host, count: Number(count), lastAt: timestampDate(lastAt) }],
    );
  }

  #key(sessionId: string): { tenantId: string; sessionId: string } {
    return { tenantId: this.caller.tenantId, sessionId };
  }
}

const toFirewall = ({ networkAccess, mode, domains }: SessionFirewall) => ({
  networkAccess,
  mode: mode === 'deny' ? DomainAccessMode.DENY : DomainAccessMode.ALLOWLIST,
  domains: [...domains],
});

const fromFirewall = ({ networkAccess, mode, domains }: Firewall): SessionFirewall => ({
  networkAccess,
  mode: mode === DomainAccessMode.ALLOWLIST ? 'allowlist' : 'deny',
  domains,
});

function unlessGone(error: unknown): undefined {
  if (AileronError.is(error) && (error.code === 'NOT_FOUND' || error.code === 'SESSION_ENDED')) return undefined;
  throw error;
}
