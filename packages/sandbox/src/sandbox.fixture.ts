import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { describe } from '@jest/globals';
import { TestAuthority } from '@aileron/testing';
import { checkBubblewrap } from './bubblewrap-check.js';
import { prepareSandbox } from './prepare-sandbox.js';
import { runInSandbox } from './run-in-sandbox.js';
import type { ConnectorContents, SandboxAgent, SandboxLimits, SandboxPlan } from './sandbox-plan.js';

const unavailable = await checkBubblewrap().then(
  () => null,
  (error: Error) => error,
);
const required = process.env['AILERON_REQUIRE_ALL'] !== undefined;

/** Real bubblewrap or nothing: skipped with the reason where it cannot run, unless everything is required. */
export const describeSandboxed = (name: string, body: () => void): void => {
  if (unavailable === null || required) describe(name, body);
  else describe.skip(`${name} (skipped: ${unavailable.message})`, body);
};

export interface TestProxy {
  readonly token: string;
  readonly runtimeDirectory: string;
  readonly stateDirectory: string;
  readonly projectDirectory: string;
  readonly agentDirectory: string;
  /** What the proxy was asked to tunnel to, in order. */
  readonly tunnels: string[];
  /** Answers for GET /v1/self/*, by path. */
  readonly self: Map<string, unknown>;
  stopProxy(): Promise<void>;
  startProxy(): Promise<void>;
  close(): Promise<void>;
}

export interface TestProxyOptions {
  /** Host → port on the host's loopback. */
  readonly upstreams?: Readonly<Record<string, number>>;
  readonly caPem?: string;
}

/** Folders of one session and a small CONNECT proxy on its socket that passes TLS through. */
export async function startTestProxy(options: TestProxyOptions = {}): Promise<TestProxy> {
  const root = await mkdtemp(join(tmpdir(), 'aileron-sandbox-'));
  const folder = (name: string): string => join(root, name);
  for (const name of ['state', 'project', 'run', 'agent']) await mkdir(folder(name), { mode: 0o700 });
  await writeFile(join(folder('run'), 'ca.pem'), options.caPem ?? (await TestAuthority.create()).certificatePem);
  const token = `agt_${randomBytes(16).toString('hex')}`;
  const tunnels: string[] = [];
  const self = new Map<string, unknown>([['/v1/self/status', { sessionId: 'ses_test', state: 'active' }]]);
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  const proxy: TestProxy = {
    token,
    tunnels,
    self,
    runtimeDirectory: folder('run'),
    stateDirectory: folder('state'),
    projectDirectory: folder('project'),
    agentDirectory: folder('agent'),
    startProxy: async () => {
      server = createServer((request, response) => answerSelf(request, response, token, self));
      server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => socket.destroy())));
      server.on('connect', (request: IncomingMessage, client: Socket) => {
        tunnels.push(request.url ?? '');
        openTunnel(request, client, token, options.upstreams ?? {});
      });
      await new Promise<void>((resolve) => server?.listen(join(folder('run'), 'proxy.sock'), resolve));
    },
    stopProxy: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    },
    close: async () => {
      await proxy.stopProxy();
      await rm(root, { recursive: true, force: true });
    },
  };
  await proxy.startProxy();
  return proxy;
}

function answerSelf(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  self: Map<string, unknown>,
): void {
  const known = request.headers.authorization === `Bearer ${token}`;
  const body = known ? self.get(request.url ?? '') : { code: 'UNAUTHENTICATED', title: 'no', status: 401 };
  const status = known ? (body === undefined ? 404 : 200) : 401;
  const type = status === 200 ? 'application/json' : 'application/problem+json';
  response
    .writeHead(status, { 'content-type': type })
    .end(JSON.stringify(body ?? { code: 'NOT_FOUND', title: 'no', status }));
}

function openTunnel(
  request: IncomingMessage,
  client: Socket,
  token: string,
  upstreams: Readonly<Record<string, number>>,
): void {
  const expected = `Basic ${Buffer.from(`session:${token}`).toString('base64')}`;
  if (request.headers['proxy-authorization'] !== expected) {
    return refuse(client, 407, {
      code: 'PROXY_AUTHENTICATION_REQUIRED',
      title: 'The proxy does not know this session.',
    });
  }
  const port = upstreams[(request.url ?? '').split(':')[0] ?? ''];
  if (port === undefined) {
    return refuse(client, 403, {
      code: 'DESTINATION_REFUSED',
      title: 'not this one',
      rule: 'test.rule',
      auditId: 'aud_1',
    });
  }
  const upstream = connect({ host: '127.0.0.1', port }, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    client.pipe(upstream).pipe(client);
  });
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
}

function refuse(client: Socket, status: number, problem: object): void {
  const body = JSON.stringify({ type: 'about:blank', status, ...problem });
  const head = `HTTP/1.1 ${status} No\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  client.end(`${head}connection: close\r\n\r\n${body}`);
}

export const EMPTY_CONTENTS: ConnectorContents = { shims: [], actionsJson: '[]', toolsText: '', placeholderEnv: {} };

export interface PlanOptions {
  readonly argv: readonly string[];
  readonly contents?: ConnectorContents;
  readonly agent?: Partial<SandboxAgent>;
  readonly limits?: Partial<SandboxLimits>;
}

export function planFor(proxy: TestProxy, options: PlanOptions): Promise<SandboxPlan> {
  return prepareSandbox({
    sessionId: 'ses_test',
    agentToken: proxy.token,
    runtimeDirectory: proxy.runtimeDirectory,
    projectDirectory: proxy.projectDirectory,
    stateDirectory: proxy.stateDirectory,
    protectedDirectories: [],
    contents: options.contents ?? EMPTY_CONTENTS,
    promptHint: 'Aileron has tools.',
    agent: { argv: options.argv, env: {}, files: [], installDirectory: proxy.agentDirectory, ...options.agent },
    limits: options.limits ?? {},
  });
}

export interface SandboxRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of a plan to its end. */
export async function run(plan: SandboxPlan, argv?: readonly string[], timeoutMs = 20_000): Promise<SandboxRun> {
  const child = await runInSandbox(argv === undefined ? plan : replaceArgv(plan, argv), {
    stdio: 'capture',
    signal: AbortSignal.timeout(timeoutMs),
    graceMs: 200,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const { code } = await child.exited;
  return { code, ...output };
}

/** Not proved again: the sandbox is the same, the command alone differs. */
const replaceArgv = (plan: SandboxPlan, argv: readonly string[]): SandboxPlan => ({ ...plan, argv });
