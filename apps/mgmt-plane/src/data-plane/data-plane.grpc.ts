import {
  type DataPlaneService as DataPlaneContract,
  SessionState,
  type SessionSchema,
  type SignedBundleSchema,
  type WatchResponseSchema,
} from '@aileron/contracts/grpc';
import { AileronError, assertNever } from '@aileron/errors';
import type { CallContext, ServiceImpl } from '@aileron/service-host';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import type { StoredBundle } from '../bundles/bundles.repository.js';
import type { SessionRow } from '../sessions/session.js';
import { firewallMessage, readFirewall } from '../sessions/session-firewall.js';
import { IdentityService } from '../identity/identity.service.js';
import { SessionAuthoritiesService } from '../sessions/session-authorities.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { VERSION } from '../version.js';
import { assertCompatible } from './compatible-version.js';
import { type DataPlaneEvent, DataPlaneService } from './data-plane.service.js';

type Methods = ServiceImpl<typeof DataPlaneContract>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];
type WatchInit = MessageInitShape<typeof WatchResponseSchema>;

const LONGEST_PEM = 16_384;
const LONGEST_PATH = 4_096;
const LARGEST_SEALED_BYTES = 16_384;
const SHA256_BYTES = 32;

@Injectable()
export class DataPlaneGrpc implements Methods {
  constructor(
    @Inject(DataPlaneService) private readonly dataPlane: DataPlaneService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionAuthoritiesService) private readonly authorities: SessionAuthoritiesService,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  async *watch({ proxyId, version }: Request<'watch'>, { signal }: CallContext): AsyncGenerator<WatchInit> {
    assertProxyId(proxyId);
    assertCompatible({ ours: VERSION, theirs: version });
    for await (const event of this.dataPlane.watch(signal, proxyId)) yield* toMessages(event);
  }

  async reportSession({ tenantId, sessionId, proxyId, outcome }: Request<'reportSession'>) {
    assertProxyId(proxyId);
    this.#assertOurs(tenantId);
    const key = { tenantId, sessionId, proxyId };
    switch (outcome.case) {
      case 'ready': {
        const { caCertificatePem, runtimeDirectory } = outcome.value;
        if (caCertificatePem.length > LONGEST_PEM || !caCertificatePem.startsWith('-----BEGIN CERTIFICATE-----')) {
          throw invalidField('ca_certificate_pem');
        }
        if (runtimeDirectory.length > LONGEST_PATH || !runtimeDirectory.startsWith('/')) {
          throw invalidField('runtime_directory');
        }
        return { caCertificatePem: await this.sessions.prepared({ ...key, caCertificatePem, runtimeDirectory }) };
      }
      case 'failed':
        await this.sessions.failed({ ...key, code: outcome.value.code, proxies: this.dataPlane.proxies });
        return {};
      case undefined:
        throw invalidField('outcome');
      default:
        return assertNever(outcome);
    }
  }

  async storeSessionAuthority(request: Request<'storeSessionAuthority'>) {
    const { tenantId, sessionId, proxyId, certificateSha256, sealed } = request;
    assertProxyId(proxyId);
    this.#assertOurs(tenantId);
    if (certificateSha256.length !== SHA256_BYTES) throw invalidField('certificate_sha256');
    if (sealed.length === 0 || sealed.length > LARGEST_SEALED_BYTES) throw invalidField('sealed');
    await this.authorities.store({ tenantId, sessionId, proxyId, certificateSha256, sealed });
    return {};
  }

  async getSessionAuthority({ tenantId, sessionId, proxyId }: Request<'getSessionAuthority'>) {
    assertProxyId(proxyId);
    this.#assertOurs(tenantId);
    return await this.authorities.get({ tenantId, sessionId });
  }

  /** Another tenant's thing does not exist, whoever asks. */
  #assertOurs(tenantId: string): void {
    if (tenantId !== this.identity.localCaller.tenantId) throw new AileronError('NOT_FOUND', { part: 'session' });
  }
}

function* toMessages(event: DataPlaneEvent): Generator<WatchInit> {
  switch (event.kind) {
    case 'snapshot': {
      const { policy, connector } = event.bundles;
      const sessions = event.sessions.map(toSession);
      const bundles = { policyBundle: toBundle(policy), connectorBundle: toBundle(connector) };
      yield { event: { case: 'snapshot', value: { sessions, ...bundles, leaseSeconds: event.leaseSeconds } } };
      return;
    }
    case 'session':
      yield { event: { case: 'session', value: toSession(event.session) } };
      return;
    case 'bundles':
      // Connectors first: a policy may name the operations of a new one.
      if (event.changed.connector) {
        yield { event: { case: 'connectorBundle', value: toBundle(event.changed.connector) } };
      }
      if (event.changed.policy) yield { event: { case: 'policyBundle', value: toBundle(event.changed.policy) } };
      return;
    case 'vaults-changed':
      yield { event: { case: 'vaultsChanged', value: {} } };
      return;
    case 'heartbeat':
      yield { event: { case: 'heartbeat', value: { at: timestampFromDate(event.at) } } };
      return;
    default:
      assertNever(event);
  }
}

const STATES = { starting: SessionState.STARTING, active: SessionState.ACTIVE, ended: SessionState.ENDED };

function toSession(row: SessionRow): MessageInitShape<typeof SessionSchema> {
  return {
    tenantId: row.tenantId,
    sessionId: row.sessionId,
    userId: row.userId,
    userName: row.userName,
    agent: row.agent,
    workspaceId: row.workspace ?? '',
    projectId: row.project ?? '',
    agentTokenSha256: row.agentTokenSha256,
    state: STATES[row.state],
    createdAt: timestampFromDate(row.createdAt),
    expiresAt: timestampFromDate(row.expiresAt),
    caCertificatePem: row.caCertificatePem ?? '',
    preparedBy: row.proxyId ?? '',
    ...(row.unlockedUntil && { unlockedUntil: timestampFromDate(row.unlockedUntil) }),
    ...(row.lockedAt && { lockedAt: timestampFromDate(row.lockedAt) }),
    ...(row.firewall !== null && { firewall: firewallMessage(readFirewall(row.firewall)) }),
  };
}

function toBundle({ tenantId, version, envelope }: StoredBundle): MessageInitShape<typeof SignedBundleSchema> {
  return { tenantId, version: BigInt(version), envelope };
}

function assertProxyId(proxyId: string): void {
  if (!/^prx_[0-9A-Za-z_-]{1,60}$/.test(proxyId)) throw invalidField('proxy_id');
}

function invalidField(field: string): AileronError {
  return new AileronError('INVALID_ARGUMENT', { fields: [{ field, message: 'is not valid' }] });
}
