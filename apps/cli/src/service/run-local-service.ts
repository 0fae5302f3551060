import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { startHomeDatabase, type HomeDatabase } from '@aileron/database';
import { untilToldToStop } from '@aileron/service-host';
import { createLogger, type Logger } from '@aileron/telemetry';
import { ensureTrust, type TrustFile } from '../home/home-keys.js';
import { HomeLock } from '../home/home-lock.js';
import type { Home } from '../home/home.js';
import { writePrivateFile } from '../home/private-file.js';
import type { ServiceFile } from '../home/service-file.js';
import type { Output } from '../output/output.js';
import { localUser } from '../vault/local-user.js';
import { VERSION } from '../version.js';
import type { Backend } from './backend.js';
import { freePort } from './free-port.js';
import { startInProcess } from './in-process-backend.js';
import { partConfigs } from './part-configs.js';
import { startSplit } from './split-backend.js';
import type { UpstreamMap } from './upstream-map.js';

const DEFAULT_PORT = 3100;

export interface LocalServiceInput {
  readonly home: Home;
  readonly output: Output;
  readonly port: number | undefined;
  readonly opsPort: number | undefined;
  readonly holdSeconds: number;
  readonly upstreamMap: UpstreamMap;
  /** The services as processes of their own, from the folders of `pnpm image` when they are named. */
  readonly split: { readonly imagesDirectory: string | undefined } | undefined;
}

/** Runs the three services for one home until it is told to stop. */
export async function runLocalService(input: LocalServiceInput): Promise<void> {
  const { home, output } = input;
  home.prepare();
  const lock = HomeLock.acquire(home.lockFile);
  const logger = createLogger({ service: 'aileron' });
  const announcement = new Announcement(home);
  try {
    rmSync(home.serviceFile, { force: true });
    const trust = await ensureTrust(home, localUser());
    const onStarted = (pid: number): void => announcement.databaseStarted(pid);
    const database = await startHomeDatabase({ home: home.root, log: logger, onStarted });
    try {
      const token = randomBytes(32).toString('base64url');
      const backend = await startBackend(input, { trust, database, token, logger, onChange: announcement.write });
      announcement.serve(backend, token);
      output.note(`aileron ${VERSION} serves ${home.root} at ${backend.url}`);
      await untilToldToStop(logger);
      announcement.withdraw();
      await backend.close();
    } finally {
      await database.stop();
    }
  } finally {
    lock.release();
  }
}

interface Prepared {
  readonly trust: TrustFile;
  readonly database: HomeDatabase;
  readonly token: string;
  readonly logger: Logger;
  readonly onChange: () => void;
}

async function startBackend(input: LocalServiceInput, prepared: Prepared): Promise<Backend> {
  const { home, holdSeconds, upstreamMap, split, opsPort } = input;
  const { trust, database, token, logger, onChange } = prepared;
  const wanted = input.port ?? DEFAULT_PORT;
  // Apart, the port must be known beforehand: a part that is started again is found where it was.
  const port = split !== undefined && wanted === 0 ? await freePort() : wanted;
  const databaseUrl = database.mgmtUrl;
  const configs = await partConfigs({ home, trust, databaseUrl, token, port, holdSeconds, upstreamMap });
  return split === undefined
    ? startInProcess({ configs, logger, opsPort })
    : startSplit({ home, configs, logger, onChange, ...split });
}

/** service.json, from when all is ready until the end. */
class Announcement {
  #file: Omit<ServiceFile, 'processes'> | undefined;
  #backend: Backend | undefined;
  #databasePid: number | undefined;

  constructor(private readonly home: Home) {}

  databaseStarted(pid: number): void {
    this.#databasePid = pid;
    this.write();
  }

  serve(backend: Backend, token: string): void {
    this.#backend = backend;
    const startedAt = new Date().toISOString();
    this.#file = { pid: process.pid, version: VERSION, url: backend.url, token, startedAt };
    this.write();
  }

  readonly write = (): void => {
    if (this.#file === undefined || this.#backend === undefined) return;
    const database = this.#databasePid;
    const processes = [
      ...this.#backend.processes,
      ...(database === undefined ? [] : [{ service: 'postgres', pid: database, ops: null }]),
    ];
    writePrivateFile(this.home.serviceFile, JSON.stringify({ ...this.#file, processes } satisfies ServiceFile));
  };

  withdraw(): void {
    this.#file = undefined;
    rmSync(this.home.serviceFile, { force: true });
  }
}
