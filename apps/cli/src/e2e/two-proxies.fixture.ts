// One management plane, one credential-service and two proxies, each a process of its own, behind one address.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import {
  connectHead,
  connectThroughProxy,
  type RawClient,
  type RawUpstream,
  startRawUpstream,
  testDatabase,
  type TestDatabase,
} from '@aileron/testing';
import { generateSigningKey, Secret, type StoredSigningKey } from '@aileron/vault';
import { LocalApi } from '../api/local-api.js';
import { ensureCertificates, type PartName } from '../certs/part-certificates.js';
import { startDemoCast, type DemoCast } from '../demo/demo-cast.js';
import { ensureTrust } from '../home/home-keys.js';
import { Home } from '../home/home.js';
import { freePort } from '../service/free-port.js';
import { partConfigs, type PartConfigs } from '../service/part-configs.js';
import { initVault } from '../vault/init-vault.js';
import { localUser } from '../vault/local-user.js';
import { setSecret } from '../vault/set-secret.js';
import { PartUnderTest } from './part.fixture.js';
import { type AgentSession, CREATE_ISSUE, randomName, startAgentSession } from './running-service.fixture.js';

export const LEASE_SECONDS = 3;
const TOKEN_BYTES = 24;

/** TCP connections to one port, passed on in turn to others; it can stop passing anything on without closing anything. */
export class TcpRelay {
  readonly #sockets = new Set<Socket>();
  #turn = 0;
  #stalled = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly targets: readonly number[],
  ) {
    server.on('connection', (socket) => this.#pass(socket));
  }

  static async start(targets: readonly number[]): Promise<TcpRelay> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return new TcpRelay(server, typeof address === 'object' && address !== null ? address.port : 0, targets);
  }

  /** As a network that loses everything: nothing passes, and nobody is told. */
  stall(): void {
    this.#stalled = true;
    for (const socket of this.#sockets) socket.pause().unpipe();
  }

  /** What was lost stays lost; new connections pass. */
  resume(): void {
    this.#stalled = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #pass(from: Socket): void {
    this.#keep(from);
    if (this.#stalled) return void from.pause();
    const to = connect({ port: this.targets[this.#turn++ % this.targets.length] ?? 0, allowHalfOpen: true });
    this.#keep(to);
    from.pipe(to).pipe(from);
    from.once('close', () => to.destroy());
    to.once('close', () => from.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** A proxy, and the port of its own. */
export interface RunningProxy {
  readonly part: PartUnderTest;
  readonly port: number;
}

/** What is there before the first part is started. */
interface Ground {
  readonly root: string;
  readonly home: Home;
  readonly cast: DemoCast;
  /** A model whose answer never ends. */
  readonly model: RawUpstream;
  readonly database: TestDatabase;
  readonly configs: PartConfigs;
  readonly ports: Readonly<Record<'mgmt-plane' | 'credential-service' | 'rest', number>>;
  /** Between the second proxy and the management plane. */
  readonly cable: TcpRelay;
  readonly auditKeys: Readonly<Record<'a' | 'b', StoredSigningKey>>;
  readonly token: string;
}

async function prepareGround(): Promise<Ground> {
  const root = mkdtempSync(join(tmpdir(), 'a2-'));
  const home = new Home(join(root, 'home'));
  home.prepare();
  const cast = await startDemoCast();
  const model = await startRawUpstream('api.anthropic.com', { onConnection: answerForEver });
  const database = await testDatabase();
  const trust = await ensureTrust(home, localUser());
  await ensureCertificates({ directory: home.path('certs'), tenantId: LOCAL_TENANT_ID, hosts: [], now: new Date() });
  const ports = { 'mgmt-plane': await freePort(), 'credential-service': await freePort(), rest: await freePort() };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const upstreamMap = cast.upstreamMap.map((upstream) =>
    upstream.host === model.host ? { ...upstream, port: model.port, caPem: model.caPem } : upstream,
  );
  const databaseUrl = database.mgmtUrl;
  const configs = await partConfigs({ home, trust, databaseUrl, token, port: ports.rest, holdSeconds: 1, upstreamMap });
  const cable = await TcpRelay.start([ports['mgmt-plane']]);
  const auditKeys = { a: (await generateSigningKey()).stored, b: (await generateSigningKey()).stored };
  return { root, home, cast, model, database, configs, ports, cable, auditKeys, token };
}

export class TwoProxies {
  readonly passphrase = Secret.fromString('correct horse battery staple');
  readonly api: LocalApi;
  readonly #parts: PartUnderTest[] = [];
  a!: RunningProxy;
  b!: RunningProxy;
  /** Both behind one port, in turn. */
  balancer!: TcpRelay;

  private constructor(readonly ground: Ground) {
    this.api = new LocalApi({ url: this.url, token: ground.token });
  }

  static async start(): Promise<TwoProxies> {
    const two = new TwoProxies(await prepareGround());
    await two.#startParts();
    return two;
  }

  get home(): Home {
    return this.ground.home;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ground.ports.rest}`;
  }

  async #startParts(): Promise<void> {
    const mgmtPlane = { ...(this.ground.configs.mgmtPlane as object), proxyLeaseSeconds: LEASE_SECONDS };
    const listen = (part: 'mgmt-plane' | 'credential-service') => ({
      AILERON_LISTEN: `127.0.0.1:${this.ground.ports[part]}`,
    });
    const started = await Promise.all([
      this.#startPart('mgmt-plane', mgmtPlane, listen('mgmt-plane')),
      this.#startPart('credential-service', this.ground.configs.credentialService, listen('credential-service')),
    ]);
    this.#parts.push(...started);
    this.a = await this.startProxy('a', this.ground.ports['mgmt-plane']);
    this.b = await this.startProxy('b', this.ground.cable.port);
    this.balancer = await TcpRelay.start([this.a.port, this.b.port]);
    await initVault({ api: this.api, passphrase: this.passphrase, now: new Date() });
    for (const [connector, value] of Object.entries(this.ground.cast.credentials)) await this.#store(connector, value);
  }

  /** A proxy with an id, folders, an audit key and a port of its own. */
  async startProxy(name: 'a' | 'b', mgmtPlanePort: number, port?: number): Promise<RunningProxy> {
    const own = {
      proxyId: `prx_${name}`,
      dataDirectory: join(this.ground.root, name),
      socketRoot: join(this.ground.root, `r${name}`),
      listen: { port: port ?? (await freePort()) },
      auditSigningKey: this.ground.auditKeys[name],
    };
    const part = await this.#startPart(
      'proxy',
      { ...(this.ground.configs.proxy as object), ...own },
      {},
      mgmtPlanePort,
    );
    this.#parts.push(part);
    return { part, port: own.listen.port };
  }

  async #startPart(
    part: PartName,
    config: unknown,
    environment: Readonly<Record<string, string>>,
    mgmtPlanePort = this.ground.ports['mgmt-plane'],
  ): Promise<PartUnderTest> {
    const file = join(this.ground.root, `${randomName()}.json`);
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    const peers = { 'mgmt-plane': mgmtPlanePort, 'credential-service': this.ground.ports['credential-service'] };
    const started = await PartUnderTest.start(part, {
      AILERON_CONFIG_FILE: file,
      AILERON_TLS_DIRECTORY: join(this.home.path('certs'), part),
      AILERON_PEERS: Object.entries(peers)
        .filter(([peer]) => peer !== part)
        .map(([peer, port]) => `${peer}=127.0.0.1:${port}`)
        .join(','),
      ...environment,
    });
    expectReady(started);
    return started;
  }

  async #store(connector: string, value: string): Promise<void> {
    const { api, passphrase } = this;
    const secret = {
      connector,
      name: connector,
      value: Secret.fromString(value),
      hosts: undefined,
      operations: undefined,
    };
    await setSecret({ api, passphrase, ...secret, now: new Date() });
  }

  startSession(): Promise<AgentSession> {
    return startAgentSession(this);
  }

  /** Issues that the upstream was asked to make. */
  get mutations(): number {
    return this.ground.cast.linear.requests.filter(({ body }) => body.includes('issueCreate')).length;
  }

  async close(): Promise<void> {
    await this.balancer.close();
    for (const part of this.#parts.toReversed()) await part.stop();
    await this.ground.cable.close();
    await this.ground.cast.close();
    await this.ground.model.close();
    await this.ground.database.drop();
    rmSync(this.ground.root, { recursive: true, force: true });
  }
}

function expectReady(part: PartUnderTest): void {
  if (!part.line.ready) throw new Error(`it refused: ${JSON.stringify(part.line)}`);
}

function answerForEver(socket: Socket): void {
  const event = 'event: ping\ndata: {}\n\n';
  const piece = `${event.length.toString(16)}\r\n${event}\r\n`;
  socket.once('data', () => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${piece}`);
    const timer = setInterval(() => socket.write(piece), 50);
    socket.once('close', () => clearInterval(timer));
  });
}

/** A tunnel through a port; the session is known by its token alone. */
export function tunnelBy(port: number, { token, caPem }: AgentSession, host: string) {
  const head = connectHead(`${host}:443`, token);
  return connectThroughProxy({ proxy: { port }, head, tls: { caPem, servername: host }, deadlineMs: 20_000 });
}

export interface Answered {
  readonly status: number;
  readonly code: string | undefined;
}

/** A call to Linear through a port; a tunnel that is refused is its answer. */
export async function callBy(port: number, session: AgentSession, body: unknown): Promise<Answered> {
  const { client, response } = await tunnelBy(port, session, 'api.linear.app');
  using _ = client;
  const answer = response.status === 200 ? await post(client, body) : response;
  const { code } = JSON.parse(answer.body.toString() || '{}') as { code?: string };
  return { status: answer.status, code };
}

async function post(client: RawClient, body: unknown) {
  const text = JSON.stringify(body);
  client.write(
    `POST /graphql HTTP/1.1\r\nHost: api.linear.app\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  return await client.readResponse();
}

export const readBy = (port: number, session: AgentSession) =>
  callBy(port, session, { query: '{ teams { nodes { key } } }' });
export const createBy = (port: number, session: AgentSession, title: string) =>
  callBy(port, session, { query: CREATE_ISSUE, variables: { input: { title, teamId: 'ENG' } } });

/** A model's answer that runs, at least one event in. */
export async function streamBy(port: number, session: AgentSession): Promise<RawClient> {
  const { client } = await tunnelBy(port, session, 'api.anthropic.com');
  const body = JSON.stringify({
    model: 'claude-sonnet-4-5',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  });
  client.write(
    `POST /v1/messages HTTP/1.1\r\nHost: api.anthropic.com\r\nanthropic-version: 2023-06-01\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const begun = (await client.read(400)).toString();
  if (!begun.startsWith('HTTP/1.1 200')) throw new Error(begun);
  return client;
}
