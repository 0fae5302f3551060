import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { startHomeDatabase, type HomeDatabase } from '@aileron/database';
import { untilToldToStop } from '@aileron/service-host';
import { createLogger, exportTraces, type Logger, type LogLevel } from '@aileron/telemetry';
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
import { startPage, type Page } from './page.js';
import { startSplit } from './split-backend.js';
import type { UpstreamMap } from './upstream-map.js';
import type { WorkspacePlane, WorkspacePlaneOptions } from './workspace-plane.js';

const DEFAULT_PORT = 3100;

export interface LocalServiceInput {
  readonly home: Home;
  readonly output: Output;
  readonly logLevel: LogLevel;
  /** Where traces are sent; undefined: none are made. */
  readonly tracesEndpoint: string | undefined;
  readonly port: number | undefined;
  readonly opsPort: number | undefined;
  readonly holdSeconds: number;
  readonly upstreamMap: UpstreamMap;
  /** The services as processes of their own, from the folders of `pnpm image` when they are named. */
  readonly split: { readonly imagesDirectory: string | undefined } | undefined;
  /** Serve the page there; undefined: no page. */
  readonly pagePort: number | undefined;
  /** Manage workspaces; undefined: none. */
  readonly workspaces: WorkspacePlaneOptions | undefined;
  /** Told once everything runs. */
  readonly onReady?: (ready: LocalServiceReady) => Promise<void>;
  /** Told to stop, while everything still runs. */
  readonly onEnding?: () => Promise<void>;
}

export interface LocalServiceReady {
  readonly service: ServiceFile;
  /** A link that lets one browser into the page; undefined where there is none. */
  readonly createLink: (() => string) | undefined;
  /** Of Bull Board; null where there is none. */
  readonly boardUrl: string | null;
}

/** Runs the services for one home until it is told to stop. */
export async function runLocalService(input: LocalServiceInput): Promise<void> {
  const { home } = input;
  home.prepare();
  const lock = HomeLock.acquire(home.lockFile);
  const logger = createLogger({ service: 'aileron', level: input.logLevel });
  // Before it is announced: whoever reads of it may end it at once.
  const told = untilToldToStop(logger);
  const endTraces = await startTraces(input);
  const announcement = new Announcement(home);
  try {
    rmSync(home.serviceFile, { force: true });
    const trust = await ensureTrust(home, localUser());
    const onStarted = (pid: number): void => announcement.databaseStarted(pid);
    const database = await startHomeDatabase({ home: home.root, log: logger, onStarted });
    try {
      const token = randomBytes(32).toString('base64url');
      const backend = await startBackend(input, { trust, database, token, logger, onChange: announcement.write });
      try {
        await serve(input, { trust, backend, token, logger, announcement, told });
      } finally {
        await backend.close();
      }
    } finally {
      await database.stop();
    }
  } finally {
    await endTraces?.();
    lock.release();
  }
}

interface Serving {
  readonly trust: TrustFile;
  readonly backend: Backend;
  readonly token: string;
  readonly logger: Logger;
  readonly announcement: Announcement;
  /** Resolves when somebody tells it to stop. */
  readonly told: Promise<void>;
}

/** Announced and with its page, until it is told to stop or what is to be done once it runs fails. */
async function serve(input: LocalServiceInput, { announcement, told, ...parts }: Serving): Promise<void> {
  const { home, output, pagePort: port } = input;
  const { backend, token } = parts;
  const page: Page | undefined = port === undefined ? undefined : await startPage({ home, port, ...parts });
  try {
    const service = announcement.serve({ backend, token, page: page?.url ?? null });
    output.note(`aileron ${VERSION} serves ${home.root} at ${backend.url}`);
    await input.onReady?.({ service, createLink: page?.createLink, boardUrl: backend.boardUrl });
    await told;
    await input.onEnding?.();
  } finally {
    announcement.withdraw();
    await page?.close();
  }
}

/** Of this process; the parts of a split service make their own. */
async function startTraces({ split, tracesEndpoint }: LocalServiceInput): Promise<(() => Promise<void>) | undefined> {
  if (split !== undefined || tracesEndpoint === undefined) return undefined;
  return exportTraces({ endpoint: tracesEndpoint });
}

interface Prepared {
  readonly trust: TrustFile;
  readonly database: HomeDatabase;
  readonly token: string;
  readonly logger: Logger;
  readonly onChange: () => void;
}

async function startBackend(input: LocalServiceInput, prepared: Prepared): Promise<Backend> {
  const { home, holdSeconds, upstreamMap, split, opsPort, workspaces } = input;
  const { trust, database, token, logger, onChange } = prepared;
  const wanted = input.port ?? DEFAULT_PORT;
  // Apart, the port must be known beforehand: a part that is started again is found where it was.
  const port = split !== undefined && wanted === 0 ? await freePort() : wanted;
  const databaseUrl = database.mgmtUrl;
  const configs = await partConfigs({ home, trust, databaseUrl, token, port, holdSeconds, upstreamMap });
  if (split !== undefined) return startSplit({ home, configs, logger, onChange, ...split });
  const workspacePlane = workspaces && (await preparePlane(workspaces, { database, token }));
  return startInProcess({ configs, logger, opsPort, workspacePlane });
}

/** Loaded where workspaces are managed, and nowhere else. */
async function preparePlane(
  options: WorkspacePlaneOptions,
  given: Pick<Prepared, 'database' | 'token'>,
): Promise<WorkspacePlane> {
  const { prepareWorkspacePlane } = await import('./workspace-plane.js');
  return prepareWorkspacePlane(options, given);
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

  serve({ backend, token, page }: { backend: Backend; token: string; page: string | null }): ServiceFile {
    this.#backend = backend;
    const startedAt = new Date().toISOString();
    const { url, workspacesUrl: workspaces } = backend;
    this.#file = { pid: process.pid, version: VERSION, url, token, page, workspaces, startedAt };
    this.write();
    return { ...this.#file, processes: this.#processes(backend) };
  }

  readonly write = (): void => {
    if (this.#file === undefined || this.#backend === undefined) return;
    const file: ServiceFile = { ...this.#file, processes: this.#processes(this.#backend) };
    writePrivateFile(this.home.serviceFile, JSON.stringify(file));
  };

  #processes({ processes }: Backend): ServiceFile['processes'] {
    const database = this.#databasePid;
    return [...processes, ...(database === undefined ? [] : [{ service: 'postgres', pid: database, ops: null }])];
  }

  withdraw(): void {
    this.#file = undefined;
    rmSync(this.home.serviceFile, { force: true });
  }
}
