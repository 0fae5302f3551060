import { request } from 'node:http';
import {
  ApprovalService,
  AuditService,
  DataPlaneService,
  LeaseService,
  SessionState,
  VaultStoreService,
} from '@aileron/contracts/grpc';
import {
  type Client,
  createClient,
  InProcessTransport,
  type Platform,
  runServices,
  type RunningServices,
  type ServiceDefinition,
} from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import type { DescService } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { type ConfigFixture, makeConfig, PEM } from './mgmt-plane.fixture.js';
import { mgmtPlane } from './service.js';
import { VERSION } from './version.js';

const LEASES = Symbol('leases');

/** A credential-service that takes any lease. */
class FakeLeases {
  readonly unlocked = new Set<string>();
  getServiceKey = async () => ({ envelope: new TextEncoder().encode('{"payloadType":"key"}') });
  deliverLease = async ({ sessionId }: { sessionId: string }) => {
    this.unlocked.add(sessionId);
    return { expiresAt: timestampFromMs(Date.parse('2026-11-21T20:00:00Z')) };
  };
  revokeLease = async ({ sessionId }: { sessionId: string }) => {
    this.unlocked.delete(sessionId);
    return {};
  };
  getLeaseStatus = async ({ sessionId }: { sessionId: string }) => ({ unlocked: this.unlocked.has(sessionId) });
}

class FakeCredentialModule {}
Module({ providers: [{ provide: LEASES, useValue: new FakeLeases() }] })(FakeCredentialModule);

const fakeCredentialService: ServiceDefinition<object> = {
  name: 'credential-service',
  version: VERSION,
  config: z.object({}),
  module: () => FakeCredentialModule,
  grpc: [{ service: LeaseService, provider: LEASES }],
};

const platform = (service: string): Platform => ({
  logger: createLogger({ service, level: 'silent' }),
  metrics: createMetrics(service),
  clock: { now: () => Date.now() },
});

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly json: unknown;
}

/** The whole service, over HTTP and over its gRPC contract, with a proxy that prepares every session. */
export class RunningMgmtPlane {
  readonly #stopProxy = new AbortController();
  #proxy: Promise<void> = Promise.resolve();

  private constructor(
    readonly postgres: TestDatabase,
    readonly fixture: ConfigFixture,
    readonly running: RunningServices,
  ) {}

  static async start(postgres?: TestDatabase, fixture?: ConfigFixture): Promise<RunningMgmtPlane> {
    const database = postgres ?? (await testDatabase());
    const configured = fixture ?? (await makeConfig(database.mgmtUrl));
    const definitions = [
      { definition: fakeCredentialService, config: {} },
      { definition: mgmtPlane, config: configured.config },
    ];
    const running = await runServices(definitions as never, { platform });
    const plane = new RunningMgmtPlane(database, configured, running);
    plane.#proxy = plane.#runProxy();
    return plane;
  }

  /** Ends the service; its database stays. */
  async close(): Promise<void> {
    this.#stopProxy.abort();
    await this.#proxy;
    await this.running.close();
  }

  async stop(): Promise<void> {
    await this.close();
    await this.postgres.drop();
    await this.fixture.remove();
  }

  get dataPlane() {
    return this.client(DataPlaneService);
  }
  get approvals() {
    return this.client(ApprovalService);
  }
  get audit() {
    return this.client(AuditService);
  }
  get vaultStore() {
    return this.client(VaultStoreService);
  }

  client<S extends DescService>(service: S): Client<S> {
    const { logger } = platform('proxy');
    const transport = new InProcessTransport(this.running.registry, { version: VERSION, logger, peer: 'proxy' });
    return createClient(service, transport, { version: VERSION });
  }

  async #runProxy(): Promise<void> {
    const watching = this.dataPlane.watch(
      { proxyId: 'prx_test', version: VERSION },
      { signal: this.#stopProxy.signal },
    );
    try {
      for await (const { event } of watching) {
        if (event.case !== 'session' || event.value.state !== SessionState.STARTING) continue;
        const { tenantId, sessionId } = event.value;
        const ready = { caCertificatePem: PEM, runtimeDirectory: `/run/aileron/${sessionId}` };
        const outcome = { case: 'ready' as const, value: ready };
        await this.dataPlane.reportSession({ tenantId, sessionId, proxyId: 'prx_test', outcome });
      }
    } catch (error) {
      if (!this.#stopProxy.signal.aborted) throw error;
    }
  }

  /** A call with the local token, unless `headers` say otherwise. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const url = new URL(path, this.running.service('mgmt-plane').url);
    const token = `Bearer ${this.fixture.config.localToken.exposeString()}`;
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(url, {
        method,
        headers: { authorization: token, ...(content && { 'content-type': 'application/json' }), ...headers },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const type = incoming.headers['content-type'] ?? '';
          const json: unknown = /json(;|$)/.test(type) && !type.includes('ndjson') ? JSON.parse(text) : undefined;
          resolve({ status: incoming.statusCode ?? 0, type, text, json });
        });
      });
      outgoing.end(content);
    });
  }
}
