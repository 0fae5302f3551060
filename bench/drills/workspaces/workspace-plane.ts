import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCAL_TENANT_ID, LOCAL_USER_ID } from '@aileron/contracts/rest';
import { removeHomeDatabase, startHomeDatabase, type HomeDatabase } from '@aileron/database';
import { migrateQueueSchema, QUEUE_ROLE, type OpenJobQueueOptions } from '@aileron/queue';
import { RedisServer } from '@aileron/testing';
import type { DockerPart } from './docker-part.ts';
import { ManagerPart } from './manager-part.ts';
import { MgmtPart } from './mgmt-part.ts';
import type { Combination } from './options.ts';
import { killProcess, workspaceProcesses } from './process-scan.ts';

const MANAGERS = 2;
const main = (app: string): string => fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));

/** Everything that one combination runs on: all of it real, and of the drill's own. */
export class WorkspacePlane {
  static readonly #all = new Set<WorkspacePlane>();
  readonly homeId = `d${randomBytes(5).toString('hex')}`;
  readonly #opened: (() => Promise<void>)[] = [];
  database!: HomeDatabase;
  queue!: OpenJobQueueOptions['server'];
  managers: readonly ManagerPart[] = [];
  redis: RedisServer | null = null;

  readonly combination: Combination;
  readonly root: string;
  readonly mgmt: MgmtPart;
  readonly docker: DockerPart | null;

  private constructor(combination: Combination, root: string, mgmt: MgmtPart, docker: DockerPart | null) {
    this.combination = combination;
    this.root = root;
    this.mgmt = mgmt;
    this.docker = docker;
  }

  static async open(combination: Combination, docker: DockerPart | null): Promise<WorkspacePlane> {
    // Short: a Unix socket's path has 107 bytes.
    const root = mkdtempSync(join(tmpdir(), 'dw-'));
    chmodSync(root, 0o711);
    const plane = new WorkspacePlane(combination, root, new MgmtPart(), docker);
    WorkspacePlane.#all.add(plane);
    try {
      await plane.#start();
      return plane;
    } catch (error) {
      await plane.close();
      throw error;
    }
  }

  /** Where the provisioner keeps what it makes. */
  get workspacesDirectory(): string {
    return join(this.root, 'w');
  }

  get logs(): string {
    return this.managers.map((_, index) => readFileSync(join(this.root, `manager-${index}.log`), 'utf8')).join('\n');
  }

  /** Those that are there: for when the drill is interrupted. */
  static async closeAll(): Promise<void> {
    await Promise.all([...WorkspacePlane.#all].map((plane) => plane.close()));
  }

  /** Ends all of it and leaves nothing, also of what should have been gone. */
  async close(): Promise<void> {
    WorkspacePlane.#all.delete(this);
    for (const end of this.#opened.splice(0).toReversed()) await end().catch((error: unknown) => console.error(error));
    for (const { pid } of workspaceProcesses(this.root)) killProcess(pid);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(): Promise<void> {
    this.#opened.push(() => this.mgmt.home.remove());
    await this.mgmt.start();
    const databaseHome = join(this.root, 'db');
    mkdirSync(databaseHome, { mode: 0o700 });
    this.database = await startHomeDatabase({ home: databaseHome });
    this.#opened.push(async () => {
      await this.database.stop();
      await removeHomeDatabase(databaseHome);
    });
    this.queue = await this.#startQueue();
    const config = this.#managerConfig();
    const place = { folder: this.root, config, mgmtPlane: this.mgmt.address, tlsDirectory: this.mgmt.tlsDirectory };
    const names = Array.from({ length: MANAGERS }, (_, index) => `manager-${index}`);
    this.managers = await Promise.all(
      names.map(async (name) => new ManagerPart({ ...place, name, port: await freePort() })),
    );
    this.#opened.push(async () => void (await Promise.all(this.managers.map((manager) => manager.stop()))));
    await Promise.all(this.managers.map((manager) => manager.start()));
  }

  async #startQueue(): Promise<OpenJobQueueOptions['server']> {
    if (this.combination.queue === 'postgres') {
      const databaseUrl = await this.database.roleUrl(QUEUE_ROLE);
      await migrateQueueSchema({ adminUrl: this.database.adminUrl });
      return { databaseUrl };
    }
    const redis = await RedisServer.start();
    this.redis = redis;
    this.#opened.push(() => redis.destroy());
    return { redisUrl: redis.socket };
  }

  #managerConfig(): object {
    return {
      databaseUrl: this.database.workspaceUrl,
      queue: this.queue,
      localToken: randomBytes(32).toString('base64url'),
      tenant: { tenantId: LOCAL_TENANT_ID, name: 'local' },
      user: { userId: LOCAL_USER_ID, name: userInfo().username },
      templates: [{ name: 'default', agents: ['fake'] }],
      provisioners: this.#provisioners(),
    };
  }

  #provisioners(): object {
    const common = { directory: this.workspacesDirectory, agentsDirectory: join(this.root, 'agents') };
    if (this.docker !== null) {
      const { host: dockerHost, image } = this.docker;
      return { docker: { ...common, dockerHost, image, homeId: this.homeId } };
    }
    const mains = { runtimeMain: main('workspace-runtime'), terminalMain: main('workspace-terminal') };
    return { local: { ...common, ...mains, nodePath: process.execPath } };
  }
}

/** One that is free now; it is the manager's for as long as it lives and is started anew. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
