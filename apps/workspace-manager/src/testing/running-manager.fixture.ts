import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import { createOwnerRole } from '@aileron/database';
import { migrateQueueSchema, QUEUE_ROLE } from '@aileron/queue';
import { runServices, serviceToRun, type RunningServices } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { hasRedis, RedisServer, testDatabase, type TestDatabase } from '@aileron/testing';
import { Secret } from '@aileron/vault';
import { workspaceManager } from '../service.js';
import { ChildProvisioner } from './child-provisioner.fixture.js';
import { fakeMgmtPlane, FakeSessions } from './fake-sessions.fixture.js';
import { waitUntil } from './wait-until.fixture.js';

/** Where jobs are; on Redis where there is one, or everything is required. */
export type QueueKind = 'postgres' | 'redis';
export const QUEUES: readonly QueueKind[] =
  (await hasRedis()) || process.env['AILERON_REQUIRE_ALL'] !== undefined ? ['postgres', 'redis'] : ['postgres'];

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly json: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What outlives a manager in tests: its database, its provisioner, its management plane. */
export class ManagerPlace {
  readonly sessions = new FakeSessions();
  readonly #managers = new Set<RunningManager>();

  private constructor(
    readonly database: TestDatabase,
    readonly queue: { readonly redisUrl: string } | { readonly databaseUrl: string },
    readonly provisioner: ChildProvisioner,
    private readonly redis: RedisServer | null,
  ) {}

  static async make(kind: QueueKind = 'postgres'): Promise<ManagerPlace> {
    const database = await testDatabase();
    const redis = kind === 'redis' ? await RedisServer.start() : null;
    const queue = redis === null ? { databaseUrl: await prepareQueue(database) } : { redisUrl: redis.socket };
    const root = await mkdtemp(join(tmpdir(), 'wm-'));
    return new ManagerPlace(database, queue, await ChildProvisioner.make(root), redis);
  }

  /** Of a manager, as another process can be told. */
  get settings() {
    return {
      databaseUrl: this.database.workspaceUrl,
      queue: this.queue,
      port: 0,
      allowedOrigins: ['http://127.0.0.1:3000'],
      tenant: { tenantId: 'ten_local', name: 'local' },
      user: { userId: 'usr_local', name: 'Ada' },
      platformDomains: ['registry.npmjs.org'],
    };
  }

  async start(options: { readonly sweepEveryMs?: number } = {}): Promise<RunningManager> {
    const config = {
      ...this.settings,
      localToken: Secret.fromString(randomBytes(32).toString('base64url')),
      provisioners: [this.provisioner],
      sweepEveryMs: options.sweepEveryMs ?? 500,
    };
    const definitions = [serviceToRun(fakeMgmtPlane(this.sessions), {}), serviceToRun(workspaceManager, config)];
    const level = (process.env['AILERON_TEST_LOG'] ?? 'silent') as 'silent';
    const running = await runServices(definitions, {
      platform: (service) => ({
        logger: createLogger({ service, level }),
        metrics: createMetrics(service),
        clock: { now: () => Date.now() },
      }),
    });
    const manager = RunningManager.of(running);
    this.#managers.add(manager);
    return manager;
  }

  async remove(): Promise<void> {
    for (const manager of this.#managers) await manager.close();
    await this.provisioner.dispose();
    await this.redis?.destroy();
    await this.database.drop();
  }
}

async function prepareQueue({ adminUrl, server }: TestDatabase): Promise<string> {
  await createOwnerRole({ adminUrl, owner: { role: QUEUE_ROLE }, password: await server.rolePassword(QUEUE_ROLE) });
  await migrateQueueSchema({ adminUrl });
  return server.url({ role: QUEUE_ROLE, database: new URL(adminUrl).pathname.slice(1) });
}

/** A manager over REST. */
export class RunningManager {
  private constructor(
    readonly url: string,
    private readonly services: RunningServices | null,
  ) {}

  static of(running: RunningServices): RunningManager {
    return new RunningManager(running.service('workspace-manager').url ?? '', running);
  }

  /** One that runs as a process. */
  static at(url: string): RunningManager {
    return new RunningManager(url, null);
  }

  get running(): RunningServices {
    if (this.services === null) throw new Error('it is another process');
    return this.services;
  }

  close(): Promise<void> {
    return this.running.close();
  }

  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const content = body === undefined || method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.url), {
        method,
        headers: { ...(content !== undefined && { 'content-type': 'application/json' }), ...headers },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const type = incoming.headers['content-type'] ?? '';
          const json: unknown = /json(;|$)/.test(type) ? JSON.parse(text) : undefined;
          resolve({ status: incoming.statusCode ?? 0, type, text, json, headers: incoming.headers });
        });
      });
      outgoing.end(content);
    });
  }

  async create(name: string, more: object = {}): Promise<WorkspaceView> {
    const { status, json, text } = await this.call('POST', '/api/v1/workspaces', { name, ...more });
    if (status !== 201) throw new Error(`${status}: ${text}`);
    return json as WorkspaceView;
  }

  async view(workspaceId: string): Promise<WorkspaceView | null> {
    const { status, json } = await this.call('GET', `/api/v1/workspaces/${workspaceId}`);
    return status === 200 ? (json as WorkspaceView) : null;
  }

  /** Waits for a phase, with nothing going on. */
  reached(workspaceId: string, phase: WorkspaceView['phase']): Promise<WorkspaceView> {
    return waitUntil(async () => {
      const view = await this.view(workspaceId);
      return view?.phase === phase ? view : null;
    });
  }

  async running_(name: string): Promise<WorkspaceView> {
    const { workspaceId } = await this.create(name);
    return this.reached(workspaceId, 'running');
  }
}
