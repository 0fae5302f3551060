import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPROVAL_DECISION_TYPE, type ApprovalDecision } from '@aileron/contracts/rest';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import { generateSigningKey, Secret, signEnvelope, type SigningKey } from '@aileron/vault';
import { createLogger } from '@aileron/telemetry';
import { Client } from 'pg';
import type { ApprovalRow } from './approvals/approval.js';
import { ApprovalsRepository } from './approvals/approvals.repository.js';
import { ApprovalsService } from './approvals/approvals.service.js';
import { AuditRepository } from './audit/audit.repository.js';
import { AuditService } from './audit/audit.service.js';
import { BundlesRepository } from './bundles/bundles.repository.js';
import { BundlesService } from './bundles/bundles.service.js';
import { InstalledConnectors } from './bundles/installed-connectors.js';
import type { MgmtPlaneConfig } from './config.js';
import { DataPlaneService } from './data-plane/data-plane.service.js';
import { MgmtDatabase } from './database/mgmt-database.js';
import { FakeTime } from './fake-time.fixture.js';
import { IdentityRepository } from './identity/identity.repository.js';
import { IdentityService } from './identity/identity.service.js';
import type { LeasePort, SessionKey } from './ports/lease.port.js';
import { SessionAuthoritiesRepository } from './sessions/session-authorities.repository.js';
import { SessionAuthoritiesService } from './sessions/session-authorities.service.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { ChangeSignal } from './signals/change-signal.js';

export const randomName = () => randomBytes(8).toString('hex');
export const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';

export interface ConfigFixture {
  readonly config: MgmtPlaneConfig;
  readonly device: SigningKey;
  remove(): Promise<void>;
}

/** A configuration with keys of its own, in a folder of its own. */
export async function makeConfig(databaseUrl: string): Promise<ConfigFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'aileron-mgmt-'));
  const device = await generateSigningKey();
  const admin = await generateSigningKey();
  const { keyId, publicKeyBase64 } = device.stored;
  const user = { userId: 'usr_local', name: 'Ada' };
  return {
    config: {
      databaseUrl,
      storeDirectory: join(folder, 'store'),
      policyDirectory: join(folder, 'policy'),
      host: '127.0.0.1',
      port: 0,
      localToken: Secret.fromString(randomBytes(32).toString('base64url')),
      trust: { deviceKeys: [{ keyId, publicKeyBase64, ...user }] },
      adminSigningKey: admin.stored,
      tenant: { tenantId: 'ten_local', name: 'local' },
      user,
      allowedOrigins: [],
      proxyLeaseSeconds: 60,
      sessionStartDeadlineMs: 5_000,
    },
    device: device.signing,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Stands for credential-service: remembers whose keys it was told to forget. */
class RememberingLeases implements LeasePort {
  readonly revoked: string[] = [];
  readonly unlocked = new Set<string>();

  serviceKey = async () => new TextEncoder().encode('{}');
  deliver = async ({ sessionId }: SessionKey) => {
    this.unlocked.add(sessionId);
    return { expiresAt: new Date(0) };
  };
  revoke = async ({ sessionId }: SessionKey) => {
    this.revoked.push(sessionId);
  };
  isUnlocked = async ({ sessionId }: SessionKey) => this.unlocked.has(sessionId);
}

/** The services over a real database, with time that stands still. */
export class ServicesFixture {
  readonly time = new FakeTime();
  readonly leases = new RememberingLeases();
  readonly changes = new ChangeSignal(this.time);
  readonly database: MgmtDatabase;
  readonly identity: IdentityService;
  readonly sessionRows: SessionsRepository;
  readonly sessions: SessionsService;
  readonly authorities: SessionAuthoritiesService;
  readonly approvals: ApprovalsService;
  readonly audit: AuditService;
  readonly bundles: BundlesService;
  readonly dataPlane: DataPlaneService;

  private constructor(
    readonly postgres: TestDatabase,
    readonly fixture: ConfigFixture,
  ) {
    const { config } = fixture;
    this.database = new MgmtDatabase(config);
    this.identity = new IdentityService(config, this.time, new IdentityRepository(this.database));
    this.sessionRows = new SessionsRepository(this.database);
    this.sessions = new SessionsService(config, this.time, this.sessionRows, this.changes, this.leases);
    const authorityRows = new SessionAuthoritiesRepository(this.database);
    this.authorities = new SessionAuthoritiesService(this.time, this.sessions, authorityRows);
    const approvalRows = new ApprovalsRepository(this.database);
    this.approvals = new ApprovalsService(config, this.time, approvalRows, this.sessions, this.changes);
    this.audit = new AuditService(this.time, new AuditRepository(this.database));
    const log = createLogger({ service: 'mgmt-plane', level: 'silent' });
    const bundleRows = new BundlesRepository(this.database);
    this.bundles = new BundlesService(config, this.time, log, new InstalledConnectors(), bundleRows, this.changes);
    const { time, identity, sessionRows, bundles, changes } = this;
    this.dataPlane = new DataPlaneService(config, time, log, identity, sessionRows, bundles, changes);
  }

  static async start(): Promise<ServicesFixture> {
    const postgres = await testDatabase();
    const services = new ServicesFixture(postgres, await makeConfig(postgres.mgmtUrl));
    await services.identity.onModuleInit();
    await services.bundles.onModuleInit();
    return services;
  }

  async stop(): Promise<void> {
    await this.database.onApplicationShutdown();
    await this.postgres.drop();
    await this.fixture.remove();
  }

  /** Somebody who can write the database. */
  async sql(text: string, values: unknown[]): Promise<void> {
    const client = new Client({ connectionString: this.postgres.adminUrl });
    await client.connect();
    try {
      await client.query(text, values);
    } finally {
      await client.end();
    }
  }

  /** A session that a proxy has prepared. */
  async activeSession(ttlSeconds = 3_600) {
    const starting = this.sessions.start(this.identity.localCaller, { agent: 'fake', ttlSeconds });
    const row = await eventually(async () => {
      const rows = await this.sessionRows.listAlive('ten_local');
      return rows.find((session) => session.state === 'starting');
    });
    const { tenantId, sessionId } = row;
    await this.sessions.prepared({ ...proxyReady, tenantId, sessionId });
    return starting;
  }

  /** What a person's device makes of an approval. */
  async sign(
    approval: ApprovalRow,
    change: Partial<ApprovalDecision> = {},
    key: SigningKey = this.fixture.device,
  ): Promise<unknown> {
    const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(approval.preview));
    const decision = {
      tenantId: approval.tenantId,
      approvalId: approval.approvalId,
      sessionId: approval.sessionId,
      digest: Buffer.from(approval.digest).toString('base64url'),
      previewSha256: Buffer.from(digest).toString('base64url'),
      decision: 'approve',
      approver: 'Ada',
      reason: null,
      decidedAt: new Date(this.time.now()).toISOString(),
      expiresAt: approval.expiresAt.toISOString(),
      ...change,
    };
    const payload = new TextEncoder().encode(JSON.stringify(decision));
    return signEnvelope({ payloadType: APPROVAL_DECISION_TYPE, payload, key });
  }
}

export const proxyReady = { proxyId: 'prx_test', caCertificatePem: PEM, runtimeDirectory: '/run/aileron/x' };

/** Looks until there is something, for at most thirty seconds of real time. */
export async function eventually<T>(look: () => Promise<T | undefined | null | false>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function previewOf(operation: string, change: Record<string, unknown> = {}): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({
      connector: 'linear',
      operation,
      summary: 'Create an issue',
      method: 'POST',
      target: 'https://api.linear.app/graphql',
      arguments: { title: 'x' },
      bodySha256: 'A'.repeat(43),
      bodyBytes: 12,
      bodyShown: true,
      credential: 'crd_1',
      ...change,
    }),
  );
}
