// The built program as people start it, in a home of its own, with fake upstreams: for the tests of the whole.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionView } from '@aileron/contracts/rest';
import { removeHomeDatabase } from '@aileron/database';
import { connectHead, connectThroughProxy, type RawClient } from '@aileron/testing';
import { Secret } from '@aileron/vault';
import { LocalApi } from '../api/local-api.js';
import { startDemoCast, type DemoCast } from '../demo/demo-cast.js';
import { Home } from '../home/home.js';
import { findService } from '../home/service-file.js';
import { initVault } from '../vault/init-vault.js';
import { unlockLocalUser } from '../vault/open-vault.js';
import { setSecret } from '../vault/set-secret.js';
import { deliverLease } from '../vault/unlock-sessions.js';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PASSPHRASE = 'correct horse battery staple';
const READY_MS = 30_000;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export function aileron(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; timeoutMs?: number } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, ...options.env }, timeout: options.timeoutMs ?? 60_000, maxBuffer: 64 << 20 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

export interface AgentSession extends Pick<SessionView, 'sessionId' | 'expiresAt'> {
  readonly token: string;
  readonly socketPath: string;
  readonly caPem: string;
}

/** A session that is unlocked, as `aileron launch` starts one. */
export async function startAgentSession(of: { api: LocalApi; home: Home; passphrase: Secret }): Promise<AgentSession> {
  const { api, home, passphrase } = of;
  const { session, agentToken, caCertificatePem, runtimeDirectory } = await api.startSession({ agent: 'fake' });
  const keys = await unlockLocalUser(api, passphrase);
  await deliverLease({ api, home, keys, session, now: new Date() });
  return {
    sessionId: session.sessionId,
    token: agentToken,
    socketPath: join(runtimeDirectory, 'proxy.sock'),
    caPem: caCertificatePem,
    expiresAt: session.expiresAt,
  };
}

/** A service of a home, which can be killed and started again. */
export class RunningService {
  private child: ChildProcess | undefined;
  private stderr = '';

  private constructor(
    private readonly root: string,
    readonly home: Home,
    readonly cast: DemoCast,
    private readonly options: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start({
    options = [],
    env = {},
  }: { options?: readonly string[]; env?: Readonly<Record<string, string>> } = {}): Promise<RunningService> {
    const root = mkdtempSync(join(tmpdir(), 'aileron-e2e-'));
    const running = new RunningService(root, new Home(join(root, 'home')), await startDemoCast(), options, env);
    writeFileSync(join(root, 'upstream-map.json'), JSON.stringify(running.cast.upstreamMap));
    await running.startService();
    return running;
  }

  get api(): LocalApi {
    return new LocalApi(this.file);
  }

  get file() {
    const file = findService(this.home);
    if (!file) throw new Error(`the service does not run: ${this.stderr.slice(-2_000)}`);
    return file;
  }

  get passphrase(): Secret {
    return Secret.fromString(PASSPHRASE);
  }

  get log(): string {
    return this.stderr;
  }

  async startService(): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        MAIN,
        '--home',
        this.home.root,
        'service',
        '--port',
        '0',
        '--hold-seconds',
        '2',
        '--upstream-map',
        join(this.root, 'upstream-map.json'),
        ...this.options,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...this.env } },
    );
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child = child;
    await eventually(() => findService(this.home)?.pid === child.pid, READY_MS);
  }

  /** kill -9, and the end of it. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async close(): Promise<void> {
    await this.end('SIGTERM');
    await this.cast.close();
    await removeHomeDatabase(this.home.root);
    rmSync(this.root, { recursive: true, force: true });
  }

  async fillVault(): Promise<void> {
    await initVault({ api: this.api, passphrase: this.passphrase, now: new Date() });
    for (const [connector, value] of Object.entries(this.cast.credentials)) {
      const secret = { connector, name: connector, value: Secret.fromString(value) };
      await setSecret({
        api: this.api,
        passphrase: this.passphrase,
        ...secret,
        hosts: undefined,
        operations: undefined,
        now: new Date(),
      });
    }
  }

  startSession(): Promise<AgentSession> {
    return startAgentSession(this);
  }

  async unlock(session: Pick<SessionView, 'sessionId' | 'expiresAt'>): Promise<void> {
    const keys = await unlockLocalUser(this.api, this.passphrase);
    await deliverLease({ api: this.api, home: this.home, keys, session, now: new Date() });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

/** A tunnel to a host through a session's socket, as an agent's tools open it. */
export function tunnel(
  session: AgentSession,
  host: string,
): Promise<{ client: RawClient; response: { status: number } }> {
  return connectThroughProxy({
    proxy: { socketPath: session.socketPath },
    head: connectHead(`${host}:443`, session.token),
    tls: { caPem: session.caPem, servername: host },
    deadlineMs: 60_000,
  });
}

export const CREATE_ISSUE =
  'mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { identifier } } }';

/** POST to Linear's GraphQL through a session. */
export async function callLinear(session: AgentSession, body: unknown): Promise<{ status: number; body: string }> {
  const { client } = await tunnel(session, 'api.linear.app');
  const text = JSON.stringify(body);
  const request =
    `POST /graphql HTTP/1.1\r\nHost: api.linear.app\r\nAuthorization: lin_api_aileronplaceholder00000000000000\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  client.write(Buffer.from(request));
  const response = await client.readResponse();
  client.close();
  return { status: response.status, body: response.body.toString() };
}

export const createIssue = (session: AgentSession, title: string) =>
  callLinear(session, { query: CREATE_ISSUE, variables: { input: { title, teamId: 'ENG' } } });

/** Waits for something that happens by itself; fails when it does not. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const randomName = (): string => randomBytes(6).toString('hex');
