import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { Client } from 'pg';
import { isDatabaseUnavailable } from '../database-error.js';
import { type EventLog, SILENT } from '../event-log.js';
import { type DatabaseHome, openDatabaseHome, removeDatabaseHome, rolePassword } from './database-home.js';
import { ADMIN, initialiseCluster, SERVER_ENVIRONMENT } from './initialise-cluster.js';
import { endLeftServer, shutDown } from './running-server.js';
import { findServerAccount, type ServerAccount } from './server-account.js';
import { findServerBinaries } from './server-binaries.js';

const START_TIMEOUT_MS = 30_000;
const LONGEST_LOG_BYTES = 16 * 1_024 * 1_024;
/** More deaths than that in a minute: it is given time before each further start, and never given up. */
const QUICK_RESTARTS_PER_MINUTE = 5;
const PAUSE_STEP_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

export interface EmbeddedPostgresOptions {
  /** The home this database belongs to; its lock is held by the caller. */
  readonly home: string;
  readonly log?: EventLog;
  /** Start the server again when it dies. Default true. */
  readonly supervise?: boolean;
  /** Told the process's number at each start. */
  readonly onStarted?: (pid: number) => void;
  /** False gives up crash safety for speed: tests only. Default true. */
  readonly durable?: boolean;
}

/** A Postgres of our own: one Unix socket that only its owner can open, no TCP, passwords in the home. */
export class EmbeddedPostgres {
  #child: ChildProcess | null = null;
  readonly #stopping = new AbortController();
  #restarts: number[] = [];
  #restarting: Promise<void> = Promise.resolve();
  readonly #killWithUs = () => this.#child?.kill('SIGINT');

  private constructor(
    private readonly options: EmbeddedPostgresOptions,
    private readonly database: DatabaseHome,
    private readonly account: ServerAccount | null,
    private readonly postgres: string,
    private readonly log: EventLog,
  ) {}

  /** Starts the server of a home, first making it if need be and ending one that a killed service left behind. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const log = options.log ?? SILENT;
    const account = await findServerAccount();
    const [binaries, home] = await Promise.all([
      findServerBinaries(account),
      openDatabaseHome({ home: options.home, account }),
    ]);
    await initialiseCluster({ initdb: binaries.initdb, home, account, durable: options.durable ?? true });
    const server = new EmbeddedPostgres(options, home, account, binaries.postgres, log);
    await server.start();
    process.once('exit', server.#killWithUs);
    return server;
  }

  get home(): string {
    return this.options.home;
  }

  get dataDirectory(): string {
    return this.database.dataDirectory;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Connection string of the administrator. */
  adminUrl(database = 'postgres'): string {
    return this.#url({ role: ADMIN, password: this.database.settings.adminPassword, database });
  }

  /** Connection string of a role, whose password is made at the first call (see createOwnerRole). */
  async url(input: { role: string; database: string }): Promise<string> {
    return this.#url({ ...input, password: await this.rolePassword(input.role) });
  }

  async rolePassword(role: string): Promise<string> {
    return rolePassword(this.options.home, this.database.settings, role);
  }

  /** Starts the server again after it died. */
  async start(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    const left = await endLeftServer(this.dataDirectory);
    if (left !== null) this.log.warn({ pid: left }, 'postgres.left-server-ended');
    for (let attempt = 1; ; attempt += 1) {
      const child = await this.#launch();
      if (await this.#isReady(child, deadline)) {
        this.#child = child;
        const died = (): void => void (this.#restarting = this.#restart(child));
        child.once('exit', died);
        this.log.info({ pid: child.pid, attempt }, 'postgres.ready');
        if (child.pid !== undefined) this.options.onStarted?.(child.pid);
        // It may have died while we said goodbye to it: then nobody says so any more.
        if (child.exitCode !== null || child.signalCode !== null) died();
        return;
      }
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGQUIT');
      // Children of a killed server hold its shared memory for a moment; anything else stays wrong.
      if (performance.now() > deadline || attempt === 10) {
        throw new AileronError('DATABASE_UNAVAILABLE', { log: this.database.logFile });
      }
      await delay(100 * attempt);
    }
  }

  /** Ends the server; everything committed is on the disk. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    process.off('exit', this.#killWithUs);
    await this.#restarting;
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    await shutDown(child.pid);
    await exited;
    this.log.info({ pid: child.pid }, 'postgres.stopped');
  }

  /** Ends the server and deletes its data and its settings in the home. */
  async destroy(): Promise<void> {
    await this.stop();
    await removeDatabaseHome(this.home, this.database);
  }

  /** The same for a home whose service is gone. */
  static async destroyLeft(home: string): Promise<void> {
    const database = await openDatabaseHome({ home, account: await findServerAccount() });
    await endLeftServer(database.dataDirectory);
    await removeDatabaseHome(home, database);
  }

  #url({ role, password, database }: { role: string; password: string; database: string }): string {
    return `postgresql://${role}:${password}@localhost/${database}?host=${encodeURIComponent(this.database.socketDirectory)}`;
  }

  async #launch(): Promise<ChildProcess> {
    const { logFile, dataDirectory, settings } = this.database;
    const size = await stat(logFile).then(
      (status) => status.size,
      () => 0,
    );
    if (size > LONGEST_LOG_BYTES) await rename(logFile, `${logFile}.1`);
    const log = await open(logFile, 'a', 0o600);
    try {
      const child = spawn(this.postgres, ['-D', dataDirectory, ...this.#settings()], {
        cwd: settings.folder,
        env: SERVER_ENVIRONMENT,
        stdio: ['ignore', log.fd, log.fd],
        // A Ctrl-C on our terminal is ours: the server ends when we say so, after its clients.
        detached: true,
        ...this.account,
      });
      child.on('error', (error) => this.log.warn({ err: error }, 'postgres.not-started'));
      child.unref();
      return child;
    } finally {
      await log.close();
    }
  }

  #settings(): string[] {
    const durability = (this.options.durable ?? true) ? {} : { fsync: 'off', full_page_writes: 'off' };
    const settings = {
      listen_addresses: '',
      unix_socket_directories: this.database.socketDirectory,
      unix_socket_permissions: '0700',
      max_connections: '50',
      // What is not here is in the system's cache; three processes that read for others would take more memory than this.
      shared_buffers: '16MB',
      io_method: 'sync',
      max_logical_replication_workers: '0',
      jit: 'off',
      log_connections: '',
      // A failed statement is told by the client; in the server's log it could show a value.
      log_min_error_statement: 'panic',
      ...durability,
    };
    return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }

  async #isReady(child: ChildProcess, deadline: number): Promise<boolean> {
    while (performance.now() < deadline) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
      const client = new Client({ connectionString: this.adminUrl(), connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return true;
      } catch (error) {
        // A wrong password, for example: waiting does not help.
        if (!isDatabaseUnavailable(error)) {
          await shutDown(child.pid);
          throw new AileronError('DATABASE_UNAVAILABLE', { log: this.database.logFile }, { cause: error });
        }
      } finally {
        await client.end().catch(() => undefined);
      }
      await delay(10);
    }
    return false;
  }

  /** Until it runs again or we end. */
  async #restart(child: ChildProcess): Promise<void> {
    if (this.#stopping.signal.aborted || this.#child !== child) return;
    this.#child = null;
    this.log.warn({ pid: child.pid, code: child.exitCode, signal: child.signalCode }, 'postgres.died');
    if (this.options.supervise === false) return;
    while (await this.#mayStart()) {
      try {
        await this.start();
        return;
      } catch (error) {
        this.log.warn({ err: error }, 'postgres.not-restarted');
      }
    }
  }

  /** When it may be started again; false: we end. */
  async #mayStart(): Promise<boolean> {
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < 60_000), now];
    const beyond = Math.max(0, this.#restarts.length - QUICK_RESTARTS_PER_MINUTE);
    const { signal } = this.#stopping;
    await delay(Math.min(beyond * PAUSE_STEP_MS, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}
