import {
  type DataPlaneService,
  DomainAccessMode,
  type Firewall,
  type Session,
  SessionState,
  type SignedBundle as SignedBundleMessage,
  type WatchResponse,
} from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { type Client } from '@aileron/service-host';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  type DataPlane,
  type DataPlaneEvent,
  type FirewallSettings,
  type SessionInfo,
  type SignedBundle,
} from '../ports/data-plane.port.js';

/** More than this in one snapshot is not one proxy's work. */
const MAX_SESSIONS = 100_000;
const MAX_PEM = 16_384;
const MAX_DOMAINS = 1_000;

/** The management plane over the contract. */
export class GrpcDataPlane implements DataPlane {
  constructor(private readonly client: Client<typeof DataPlaneService>) {}

  async *watch({ proxyId, version, signal }: Parameters<DataPlane['watch']>[0]): AsyncGenerator<DataPlaneEvent> {
    for await (const message of this.client.watch({ proxyId, version }, { signal })) {
      const event = toEvent(message);
      if (event !== null) yield event;
    }
  }

  async report({ signal, report, ...whose }: Parameters<DataPlane['report']>[0]): ReturnType<DataPlane['report']> {
    const { kind, ...value } = report;
    const outcome =
      kind === 'ready'
        ? ({ case: 'ready', value: value as Omit<Extract<typeof report, { kind: 'ready' }>, 'kind'> } as const)
        : ({ case: 'failed', value: value as Omit<Extract<typeof report, { kind: 'failed' }>, 'kind'> } as const);
    const { caCertificatePem } = await this.client.reportSession({ ...whose, outcome }, { signal });
    return { caCertificatePem: caCertificatePem || null };
  }
}

/** Null for an event that this version does not know. */
function toEvent({ event }: WatchResponse): DataPlaneEvent | null {
  switch (event.case) {
    case 'snapshot': {
      const { sessions, policyBundle, connectorBundle, leaseSeconds } = event.value;
      if (sessions.length > MAX_SESSIONS) throw new AileronError('PAYLOAD_TOO_LARGE', { maxSessions: MAX_SESSIONS });
      return {
        kind: 'snapshot',
        sessions: sessions.map(toSession),
        policyBundle: policyBundle === undefined ? null : toBundle(policyBundle),
        connectorBundle: connectorBundle === undefined ? null : toBundle(connectorBundle),
        leaseSeconds,
      };
    }
    case 'session':
      return { kind: 'session', session: toSession(event.value) };
    case 'policyBundle':
      return { kind: 'policy-bundle', bundle: toBundle(event.value) };
    case 'connectorBundle':
      return { kind: 'connector-bundle', bundle: toBundle(event.value) };
    case 'vaultsChanged':
      return { kind: 'vaults-changed' };
    case 'heartbeat':
      return { kind: 'heartbeat' };
    default:
      return null;
  }
}

/** A session without an end, or of an unknown state, is ended: what is not said does not open. */
function toSession(message: Session): SessionInfo {
  return {
    tenantId: message.tenantId,
    sessionId: message.sessionId,
    user: { id: message.userId, name: message.userName },
    agent: message.agent,
    workspace: message.workspaceId || null,
    project: message.projectId || null,
    agentTokenSha256: message.agentTokenSha256,
    state: STATES[message.state] ?? 'ended',
    expiresAt: message.expiresAt === undefined ? 0 : timestampMs(message.expiresAt),
    caCertificatePem: pemOf(message.caCertificatePem),
    preparedBy: message.preparedBy || null,
    unlockedUntil: message.unlockedUntil === undefined ? null : timestampMs(message.unlockedUntil),
    lockedAt: message.lockedAt === undefined ? null : timestampMs(message.lockedAt),
    firewall: message.firewall === undefined ? null : toFirewall(message.firewall),
  };
}

/** Settings of a kind that this version does not know let nothing out. */
function toFirewall({ networkAccess, mode, domains }: Firewall): FirewallSettings {
  const known = MODES[mode];
  if (known === undefined || domains.length > MAX_DOMAINS) return { networkAccess: false, mode: 'deny', domains: [] };
  return { networkAccess, mode: known, domains };
}

const MODES: Readonly<Partial<Record<DomainAccessMode, FirewallSettings['mode']>>> = {
  [DomainAccessMode.ALLOWLIST]: 'allowlist',
  [DomainAccessMode.DENY]: 'deny',
};

/** It is written into files that sandboxes trust: anything but one certificate is none. */
const pemOf = (text: string): string | null =>
  text.length <= MAX_PEM &&
  /^-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\r?\n?$/.test(text)
    ? text
    : null;

const STATES: Readonly<Partial<Record<SessionState, SessionInfo['state']>>> = {
  [SessionState.STARTING]: 'starting',
  [SessionState.ACTIVE]: 'active',
};

const toBundle = ({ tenantId, version, envelope }: SignedBundleMessage): SignedBundle => ({
  tenantId,
  version: Number(version),
  envelope,
});
