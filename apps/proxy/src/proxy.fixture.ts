// A proxy on real sockets, with fake upstreams over TLS, for the tests of the whole.
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { source as anthropicSource } from '@aileron/connector-anthropic';
import { source as linearSource } from '@aileron/connector-linear';
import {
  cedarSchema,
  compileConnector,
  type Connector,
  CONNECTOR_BUNDLE_TYPE,
  defaultPolicies,
} from '@aileron/connectors';
import { ApprovalService, AuditService, DataPlaneService, DecryptService } from '@aileron/contracts/grpc';
import { POLICY_BUNDLE_TYPE } from '@aileron/policy';
import { createClient, InProcessTransport, MethodRegistry } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import {
  canary,
  connectHead,
  connectThroughProxy,
  type RawClient,
  startFakeAnthropic,
  startFakeLinear,
} from '@aileron/testing';
import { generateSigningKey, signEnvelope, type SigningKey } from '@aileron/vault';
import { GrpcApprovals } from './adapters/grpc-approvals.js';
import { GrpcAuditSink } from './adapters/grpc-audit-sink.js';
import { GrpcAuthorityStore } from './adapters/grpc-authority-store.js';
import { GrpcCredentials } from './adapters/grpc-credentials.js';
import { GrpcDataPlane } from './adapters/grpc-data-plane.js';
import { GrpcOwnRecords } from './adapters/grpc-own-records.js';
import { ProxyConfig, type ProxyConfigInput } from './config.js';
import { CredentialStore, type FirewallInit, Management, newId, type SessionInit } from './management.fixture.js';
import { FileTarget } from './record/file-target.js';
import { ProxyRuntime } from './proxy.runtime.js';
import { runtimeDirectoryOf } from './sessions/runtime-directory.js';

export const keys = {
  admin: await generateSigningKey(),
  device: await generateSigningKey(),
  stranger: await generateSigningKey(),
  audit: await generateSigningKey(),
};
const connectors = [compileConnector(linearSource), compileConnector(anthropicSource)];
export const LINEAR = 'api.linear.app';
export const ANTHROPIC = 'api.anthropic.com';

async function signedBundle(payloadType: string, payload: object, key: SigningKey): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  return new TextEncoder().encode(JSON.stringify(await signEnvelope({ payloadType, payload: bytes, key })));
}

/** A policy bundle of the connectors' defaults and `extra` texts of Cedar. */
export function policyBundle(
  version: number,
  extra: readonly string[] = [],
  key = keys.admin.signing,
): Promise<Uint8Array> {
  const more = extra.map((cedar, i) => ({ id: `platform/extra-${i}`, layer: 'platform', cedar }));
  const policies = [...defaultPolicies(connectors), ...more];
  const frame = { tenantId: 'ten_local', version, issuedAt: new Date().toISOString() };
  return signedBundle(POLICY_BUNDLE_TYPE, { ...frame, schema: cedarSchema(connectors), policies }, key);
}

export const connectorBundle = (version: number, installed: readonly Connector[] = connectors) =>
  signedBundle(
    CONNECTOR_BUNDLE_TYPE,
    { tenantId: 'ten_local', version, issuedAt: new Date().toISOString(), connectors: installed },
    keys.admin.signing,
  );

/** The connectors with another text in Linear's: another digest, the same operations unless `replace` changes one. */
export function changedConnectors(replace: readonly [from: string, to: string]): readonly Connector[] {
  const overlay = linearSource.overlay.replace(...replace);
  if (overlay === linearSource.overlay) throw new Error(`nothing to replace: ${replace[0]}`);
  return [compileConnector({ ...linearSource, overlay }), compileConnector(anthropicSource)];
}

export interface TestSession {
  readonly info: SessionInit;
  readonly token: string;
  readonly socketPath: string;
  readonly caPem: string;
}

/** Everything around one proxy, which can be stopped and started again over the same folders. */
export class TestWorld {
  readonly management = new Management();
  readonly credentials = new CredentialStore();
  readonly linearSecret = canary('linear');
  readonly anthropicSecret = canary('anthropic');
  readonly logLines: string[] = [];
  linear!: Awaited<ReturnType<typeof startFakeLinear>>;
  anthropic!: Awaited<ReturnType<typeof startFakeAnthropic>>;
  /** Instead of the model, when a test wants bytes of its own. */
  anthropicUpstream: { host: string; port: number; caPem: string } | null = null;
  proxy!: ProxyRuntime;
  directory!: string;
  #change: Partial<ProxyConfigInput> = {};
  readonly resolved: string[] = [];
  /** As a disk that is full. */
  diskFull = false;

  static async start(
    change: Partial<ProxyConfigInput> = {},
    prepare: (world: TestWorld) => Promise<void> = async () => undefined,
  ): Promise<TestWorld> {
    const world = new TestWorld();
    world.#change = change;
    await prepare(world);
    world.directory = await mkdtemp(join(tmpdir(), 'apx-'));
    world.linear = await startFakeLinear({ apiKey: world.linearSecret.value });
    world.anthropic = await startFakeAnthropic({
      apiKey: world.anthropicSecret.value,
      script: () => ({ type: 'text', text: 'hello' }),
    });
    world.credentials.put('linear', world.linearSecret.value);
    world.credentials.put('anthropic', world.anthropicSecret.value);
    world.management.policyBundle = await policyBundle(1);
    world.management.connectorBundle = await connectorBundle(1);
    await world.startProxy();
    return world;
  }

  get config(): ProxyConfig {
    return this.configOf({});
  }

  configOf(change: Partial<ProxyConfigInput>): ProxyConfig {
    const device = { ...keys.device.stored, userId: 'usr_local', name: 'Ada' };
    const map = [this.linear, this.anthropicUpstream ?? this.anthropic].map(({ host, port, caPem }) => ({
      host,
      port,
      caPem,
      address: '127.0.0.1',
    }));
    return ProxyConfig.parse({
      proxyId: 'prx_test',
      dataDirectory: join(this.directory, 'data'),
      socketRoot: join(this.directory, 'run'),
      adminKeys: [keys.admin.stored].map(({ keyId, publicKeyBase64 }) => ({ keyId, publicKeyBase64 })),
      deviceKeys: [device],
      auditSigningKey: keys.audit.stored,
      upstreamMap: map,
      holdSeconds: 20,
      ...this.#change,
      ...change,
    });
  }

  async startProxy(): Promise<void> {
    this.proxy = await this.runProxy();
  }

  /** A proxy of this world; another one than `proxy` wants an id and folders of its own. */
  async runProxy(change: Partial<ProxyConfigInput> = {}): Promise<ProxyRuntime> {
    const config = this.configOf(change);
    const registry = new MethodRegistry();
    registry.add(DataPlaneService, this.management.dataPlane);
    registry.add(ApprovalService, this.management.approval);
    registry.add(AuditService, this.management.audit);
    registry.add(DecryptService, this.credentials.decrypt);
    const logger = createLogger({ service: 'test', destination: { write: (line) => void this.logLines.push(line) } });
    const transport = new InProcessTransport(registry, { version: '0.1.0', logger, peer: 'proxy' });
    const client = { version: '0.1.0' };
    const credentials = new GrpcCredentials(createClient(DecryptService, transport, client));
    const approvals = createClient(ApprovalService, transport, client);
    const audit = createClient(AuditService, transport, client);
    const dataPlane = createClient(DataPlaneService, transport, client);
    return await ProxyRuntime.start(config, {
      dataPlane: new GrpcDataPlane(dataPlane),
      authorities: new GrpcAuthorityStore(dataPlane, config.proxyId),
      approvals: new GrpcApprovals(approvals),
      auditSink: new GrpcAuditSink(audit),
      ownRecords: new GrpcOwnRecords(approvals, audit),
      credentials,
      sealer: credentials,
      resolver: { resolve: async (host) => (this.resolved.push(host), ['127.0.0.1']) },
      clock: { now: () => Date.now() },
      logger,
      metrics: createMetrics('proxy'),
      openLogTarget: async (path, keepBytes) => {
        const target = await FileTarget.open(path, keepBytes);
        return {
          append: async (lines) => {
            if (this.diskFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
            await target.append(lines);
          },
          datasync: () => target.datasync(),
          rotate: (next) => target.rotate(next),
          close: () => target.close(),
        };
      },
    });
  }

  /** A session that the proxy has prepared. */
  async session(
    options: { unlocked?: boolean; ttlSeconds?: number; firewall?: FirewallInit } = {},
  ): Promise<TestSession> {
    const token = newId('agt');
    const { ttlSeconds = 3_600, firewall } = options;
    const info = this.management.startSession({ agentToken: token, ttlSeconds, firewall });
    if (options.unlocked ?? true) this.credentials.unlocked.add(info.sessionId);
    await until(() => this.management.reports.some(({ sessionId }) => sessionId === info.sessionId));
    const directory = runtimeDirectoryOf(join(this.directory, 'run'), {
      tenantId: 'ten_local',
      sessionId: info.sessionId,
    });
    const caPem = await readFile(join(directory, 'ca.pem'), 'utf8');
    return { info, token, socketPath: join(directory, 'proxy.sock'), caPem };
  }

  async close(): Promise<void> {
    await this.proxy.stop();
    await this.linear.close();
    await this.anthropic.close();
  }

  /** Records of the log on disk, of one session when named. */
  async records(sessionId?: string): Promise<Record<string, unknown>[]> {
    const lines = await this.auditLines();
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return sessionId === undefined ? records : records.filter((record) => record['sessionId'] === sessionId);
  }

  async auditLines(): Promise<string[]> {
    const root = join(this.directory, 'data', 'audit');
    const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.jsonl')).toSorted();
    const texts = await Promise.all(files.map((name) => readFile(join(root, name), 'utf8')));
    return texts
      .join('')
      .split('\n')
      .filter((line) => line !== '');
  }
}

/** A session that some proxy of the world has prepared, locked; its certificate is what the management plane knows. */
export async function newSession(world: TestWorld): Promise<TestSession> {
  const token = newId('agt');
  const info = world.management.startSession({ agentToken: token });
  const { sessionId } = info;
  const known = () => world.management.sessions.get(sessionId)?.caCertificatePem ?? '';
  await until(() => known() !== '');
  const directory = runtimeDirectoryOf(join(world.directory, 'run'), { tenantId: 'ten_local', sessionId });
  return { info, token, socketPath: join(directory, 'proxy.sock'), caPem: known() };
}

export async function until(condition: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A tunnel to an owned host, TLS inside. */
export async function openTunnel(session: TestSession, host: string): Promise<RawClient> {
  const { client, response } = await connectThroughProxy({
    proxy: { socketPath: session.socketPath },
    head: connectHead(`${host}:443`, session.token),
    tls: { caPem: session.caPem.slice(0, session.caPem.indexOf('-----END CERTIFICATE-----') + 26), servername: host },
    deadlineMs: 30_000,
  });
  if (response.status !== 200) throw new Error(`CONNECT was answered ${response.status}: ${response.body.toString()}`);
  return client;
}

export interface TestRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function requestText(host: string, { path, method = 'POST', headers = {}, body }: TestRequest): string {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const fields = {
    host,
    ...(text !== '' && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${Buffer.from(text).toString('latin1')}`;
}

/** One request in a tunnel of its own. */
export async function send(session: TestSession, host: string, request: TestRequest) {
  const client = await openTunnel(session, host);
  try {
    client.write(requestText(host, request));
    return await client.readResponse(request.method === 'HEAD' ? 'HEAD' : 'other');
  } finally {
    client.close();
  }
}

const CREATE =
  'mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier title url } } }';

export const createIssue = (title: string): TestRequest => ({
  path: '/graphql',
  body: { query: CREATE, variables: { input: { title, teamId: 'ENG' } } },
});

export const viewer: TestRequest = { path: '/graphql', body: { query: 'query { viewer { id name email } }' } };

export const graphql = (query: string, variables: object = {}): TestRequest => ({
  path: '/graphql',
  body: { query, variables },
});

export const message = (stream: boolean): TestRequest => ({
  path: '/v1/messages?beta=true',
  headers: { 'anthropic-version': '2023-06-01', 'x-api-key': PLACEHOLDERS.anthropic },
  body: { model: 'claude-sonnet-4-5', max_tokens: 100, stream, messages: [{ role: 'user', content: 'hi' }] },
});

export const PLACEHOLDERS = {
  linear: connectors[0]?.credential.placeholder ?? '',
  anthropic: connectors[1]?.credential.placeholder ?? '',
};
