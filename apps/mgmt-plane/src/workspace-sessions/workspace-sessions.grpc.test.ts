import { createHash, randomBytes } from 'node:crypto';
import { AuditChain, type AuditInput, GENESIS_HASH } from '@aileron/audit';
import { DomainAccessMode, SessionState, WorkspaceSessionService } from '@aileron/contracts/grpc';
import {
  channelCredentials,
  type Client,
  createClient,
  GrpcServer,
  GrpcTransport,
  InProcessTransport,
  serverCredentials,
} from '@aileron/service-host';
import { createLogger } from '@aileron/telemetry';
import { TestAuthority } from '@aileron/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MgmtDatabase } from '../database/mgmt-database.js';
import { eventually, randomName } from '../mgmt-plane.fixture.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { RunningMgmtPlane } from '../running-mgmt-plane.fixture.js';
import { VERSION } from '../version.js';

let plane: RunningMgmtPlane;
let sessions: Client<typeof WorkspaceSessionService>;
const ending: (() => unknown)[] = [];

beforeAll(async () => {
  plane = await RunningMgmtPlane.start();
  sessions = inProcess('workspace-manager');
});
afterEach(() => Promise.all(ending.splice(0).map((end) => end())));
afterAll(async () => {
  await plane.stop();
});

const logger = createLogger({ service: 'test', level: 'silent' });
const tenantId = 'ten_local';
const firewall = { networkAccess: true, mode: DomainAccessMode.ALLOWLIST, domains: ['example.com', '*.example.org'] };

function inProcess(peer: string) {
  const transport = new InProcessTransport(plane.running.registry, { version: VERSION, logger, peer });
  return createClient(WorkspaceSessionService, transport, { version: VERSION });
}

const request = (change: object = {}) => ({
  tenantId,
  userId: 'usr_local',
  agent: 'claude-code',
  workspace: `wsp_${randomName()}`,
  firewall,
  ttlSeconds: 3_600,
  requestId: `req_${randomName()}`,
  ...change,
});
/** Of calls that run at one time. */
async function allRefused(code: string, calls: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(calls);
  const refused = { status: 'rejected', reason: expect.objectContaining({ code }) };
  expect(ends).toEqual(ends.map(() => refused));
}
const rowsOf = (requestId: string) =>
  plane.running
    .service('mgmt-plane')
    .context.get(MgmtDatabase, { strict: false })
    .prisma.session.findMany({ where: { requestId } });

describe('a session of a workspace', () => {
  it('starts with its firewall, is read, changed and ended', async () => {
    const wanted = request();
    const started = await sessions.startSession(wanted);
    const { sessionId } = started;
    expect(started).toMatchObject({
      agentToken: expect.stringMatching(/^[\w-]{43}$/),
      caCertificatePem: expect.stringContaining('BEGIN CERTIFICATE'),
      runtimeDirectory: `/run/aileron/${sessionId}`,
      connectorHosts: ['api.anthropic.com', 'api.linear.app'],
    });
    const read = await sessions.getSession({ tenantId, sessionId });
    expect(read).toMatchObject({ state: SessionState.ACTIVE, locked: true, workspace: wanted.workspace });
    expect(read.firewall).toMatchObject({ ...firewall, domains: ['*.example.org', 'example.com'] });
    await sessions.updateFirewall({ tenantId, sessionId, firewall: { ...firewall, networkAccess: false } });
    expect((await sessions.getSession({ tenantId, sessionId })).firewall).toMatchObject({ networkAccess: false });
    await sessions.endSession({ tenantId, sessionId });
    await sessions.endSession({ tenantId, sessionId });
    expect(await sessions.getSession({ tenantId, sessionId })).toMatchObject({ state: SessionState.ENDED });
    const late = sessions.updateFirewall({ tenantId, sessionId, firewall });
    await expect(late).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('is one for one request, however often it is asked for, with the last answer’s token', async () => {
    const wanted = request();
    const first = await sessions.startSession(wanted);
    const again = await sessions.startSession({ ...wanted, firewall: { ...firewall, domains: [] } });
    expect(again).toMatchObject({ sessionId: first.sessionId, caCertificatePem: first.caCertificatePem });
    expect(again.agentToken).not.toBe(first.agentToken);
    const [row] = await rowsOf(wanted.requestId);
    expect(Buffer.from(row!.agentTokenSha256)).toEqual(createHash('sha256').update(again.agentToken).digest());
    expect((await sessions.getSession({ tenantId, sessionId: first.sessionId })).firewall?.domains).toEqual([]);
    const many = request();
    const answers = await Promise.all(Array.from({ length: 8 }, () => sessions.startSession(many)));
    expect(new Set(answers.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect(await rowsOf(many.requestId)).toHaveLength(1);
  });

  it('that failed to start gives its request back', async () => {
    const wanted = request();
    const { sessionId } = await sessions.startSession(wanted);
    const service = plane.running.service('mgmt-plane').context.get(SessionsService, { strict: false });
    await service.end({ tenantId, sessionId }, 'start-failed');
    const again = await sessions.startSession(wanted);
    expect(again.sessionId).not.toBe(sessionId);
    await expect(sessions.getSession({ tenantId, sessionId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not given to another user, agent or workspace under the same request, and not once it has ended', async () => {
    const wanted = request();
    const { sessionId } = await sessions.startSession(wanted);
    for (const change of [{ agent: 'fake' }, { workspace: 'wsp_other' }])
      await expect(sessions.startSession({ ...wanted, ...change })).rejects.toMatchObject({
        code: 'PRECONDITION_FAILED',
      });
    await sessions.endSession({ tenantId, sessionId });
    await expect(sessions.startSession(wanted)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });

  it('reaches proxies with its firewall, and with each change of it', async () => {
    const stop = new AbortController();
    ending.push(() => stop.abort());
    const heard: { mode: number; domains: string[]; networkAccess: boolean }[] = [];
    const { sessionId } = await sessions.startSession(request());
    const listening = (async () => {
      for await (const { event } of plane.dataPlane.watch(
        { proxyId: 'prx_ear', version: VERSION },
        { signal: stop.signal },
      )) {
        const told = event.case === 'snapshot' ? event.value.sessions : event.case === 'session' ? [event.value] : [];
        for (const session of told)
          if (session.sessionId === sessionId && session.firewall) heard.push(session.firewall);
      }
    })().catch(() => undefined);
    await eventually(async () => heard.length === 1);
    await sessions.updateFirewall({ tenantId, sessionId, firewall: { ...firewall, mode: DomainAccessMode.DENY } });
    await eventually(async () => heard.length === 2);
    expect(heard).toMatchObject([firewallRead(DomainAccessMode.ALLOWLIST), firewallRead(DomainAccessMode.DENY)]);
    stop.abort();
    await listening;
  });

  it('of a person has no firewall, and is none of a workspace', async () => {
    const { json } = await plane.call('POST', '/v1/sessions', { agent: 'fake' });
    const { session } = json as { session: { sessionId: string } };
    const key = { tenantId, sessionId: session.sessionId };
    await allRefused('NOT_FOUND', [
      sessions.getSession(key),
      sessions.endSession(key),
      sessions.updateFirewall({ ...key, firewall }),
      sessions.listBlocked({ tenantId, of: { case: 'sessionId', value: key.sessionId } }),
    ]);
  });

  it('lets nothing out when what is stored of its firewall is broken', async () => {
    const { sessionId } = await sessions.startSession(request());
    const database = plane.running.service('mgmt-plane').context.get(MgmtDatabase, { strict: false });
    for (const broken of ['', '{}', 'null', '[', '{"networkAccess":true,"mode":"open","domains":[]}']) {
      await database.prisma.session.updateMany({ where: { sessionId }, data: { firewall: broken } });
      const read = await sessions.getSession({ tenantId, sessionId });
      expect(read.firewall).toMatchObject({ networkAccess: false, mode: DomainAccessMode.DENY, domains: [] });
    }
  });
});

const firewallRead = (mode: DomainAccessMode) => ({
  networkAccess: true,
  mode,
  domains: ['*.example.org', 'example.com'],
});

describe('what is asked', () => {
  it.each<[string, object]>([
    ['firewall', { firewall: undefined }],
    ['firewall.mode', { firewall: { ...firewall, mode: DomainAccessMode.UNSPECIFIED } }],
    ['firewall.domains.0', { firewall: { ...firewall, domains: ['Example.com'] } }],
    ['firewall.domains.0', { firewall: { ...firewall, domains: ['*'] } }],
    ['firewall.domains.1', { firewall: { ...firewall, domains: ['a.example', '127.0.0.1'] } }],
    ['firewall.domains.0', { firewall: { ...firewall, domains: ['b\u00fccher.example'] } }],
    [
      'firewall.domains',
      { firewall: { ...firewall, domains: Array.from({ length: 1_001 }, (_, i) => `h${i}.example`) } },
    ],
    ['requestId', { requestId: 'short' }],
    ['requestId', { requestId: 'a b c d e f g' }],
    ['ttlSeconds', { ttlSeconds: 59 }],
    ['agent', { agent: 'Not Valid' }],
    ['workspace', { workspace: '' }],
  ])('is bounded: %s', async (field, change) => {
    const wrong = sessions.startSession(request(change));
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { fields: [{ field }] } });
  });

  it('does not exist for another tenant or person', async () => {
    const { sessionId } = await sessions.startSession(request());
    const foreign = { tenantId: 'ten_other', sessionId };
    await allRefused('NOT_FOUND', [
      sessions.startSession(request({ tenantId: 'ten_other' })),
      sessions.startSession(request({ userId: 'usr_other' })),
      sessions.getSession(foreign),
      sessions.endSession(foreign),
      sessions.updateFirewall({ ...foreign, firewall }),
      sessions.listBlocked({ tenantId: 'ten_other', of: { case: 'workspace', value: 'wsp_a' } }),
      sessions.listSpend({ tenantId: 'ten_other', of: { case: 'workspace', value: 'wsp_a' } }),
    ]);
  });
});

describe('the caller', () => {
  const everyCall = (client: Client<typeof WorkspaceSessionService>, sessionId: string) => [
    client.startSession(request()),
    client.getSession({ tenantId, sessionId }),
    client.endSession({ tenantId, sessionId }),
    client.updateFirewall({ tenantId, sessionId, firewall }),
    client.listBlocked({ tenantId, of: { case: 'sessionId', value: sessionId } }),
    client.listSpend({ tenantId, of: { case: 'sessionId', value: sessionId } }),
  ];

  it.each(['proxy', 'gateway', 'mgmt-plane', 'workspace-runtime', 'Workspace-Manager', ''])(
    'is the workspace manager, not %j',
    async (peer) => {
      const { sessionId } = await sessions.startSession(request());
      await allRefused('PERMISSION_DENIED', everyCall(inProcess(peer), sessionId));
      expect(await sessions.getSession({ tenantId, sessionId })).toMatchObject({ state: SessionState.ACTIVE });
    },
  );

  it('is known by its certificate over the network', async () => {
    const authority = await TestAuthority.create();
    const issue = async (part: string) => {
      const { cert, key } = await authority.issue([part]);
      return { caPem: authority.certificatePem, certificatePem: cert, privateKeyPem: key };
    };
    const credentials = serverCredentials(await issue('mgmt-plane'));
    const server = new GrpcServer(plane.running.registry, { version: VERSION, logger, credentials });
    ending.push(() => server.close(500));
    const address = `127.0.0.1:${await server.listen('127.0.0.1:0')}`;
    const clientOf = async (part: string) => {
      const own = channelCredentials(await issue(part));
      const transport = new GrpcTransport({ address, serverName: 'mgmt-plane', credentials: own });
      ending.push(() => transport.close());
      return createClient(WorkspaceSessionService, transport, { version: VERSION });
    };
    const { sessionId } = await (await clientOf('workspace-manager')).startSession(request());
    await allRefused('PERMISSION_DENIED', everyCall(await clientOf('proxy'), sessionId));
    expect(await sessions.getSession({ tenantId, sessionId })).toMatchObject({ state: SessionState.ACTIVE });
  });
});

describe('what the records of a workspace say', () => {
  const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
  const ship = async (sessionId: string, records: readonly object[]) => {
    const streamId = `prx_${randomName()}`;
    const chain = new AuditChain({ stream: streamId, lastSeq: 0, lastHash: GENESIS_HASH, sha256 });
    const who = { sessionId, user: { id: 'usr_local', name: 'Ada' }, agent: 'claude-code' };
    const lines = records.map((record, i) => {
      const at = new Date(Date.parse('2026-11-21T08:00:00Z') + i * 1_000).toISOString();
      return chain.next({ id: `aud_${randomName()}`, at, tenantId, ...who, ...record } as AuditInput).line;
    });
    await plane.audit.ship({ tenantId, streamId, lines });
  };
  const refused = (host: string | null, count?: number, code = 'FIREWALL_REFUSED') => ({
    kind: 'refused',
    request: host === null ? {} : { host, port: 443 },
    refusal: { code, status: 403, step: 'accept', ...(count !== undefined && { count }) },
  });
  const outcome = (tokens: object | null, costUsd?: number | null) => ({
    kind: 'outcome',
    connector: 'anthropic',
    operation: 'anthropic.messages',
    intentId: `aud_${randomBytes(6).toString('hex')}`,
    outcome: {
      state: 'ok',
      status: 200,
      bytesIn: 1,
      bytesOut: 1,
      latencyMs: 1,
      ...(tokens && {
        tokens: {
          model: 'm',
          inputTokens: 0,
          outputTokens: 0,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          complete: true,
          ...tokens,
        },
        costUsd,
      }),
    },
  });

  it('is which hosts the firewall refused, how often and when last, by session and by workspace', async () => {
    const wanted = request();
    const { sessionId } = await sessions.startSession(wanted);
    const { sessionId: second } = await sessions.startSession({ ...wanted, requestId: `req_${randomName()}` });
    const { sessionId: stranger } = await sessions.startSession(request());
    await ship(sessionId, [
      refused('a.example'),
      refused('b.example', 40),
      refused('FIREWALL_REFUSED.example', 1, 'POLICY_DENIED'),
      {
        ...refused('path.example', 1, 'POLICY_DENIED'),
        request: { host: 'path.example', path: '/"FIREWALL_REFUSED"\u0000' },
      },
      refused('a.example', 99_999),
      refused(null, 7),
    ]);
    await ship(second, [refused('a.example')]);
    await ship(stranger, [refused('other.example')]);
    const ofSession = await sessions.listBlocked({ tenantId, of: { case: 'sessionId', value: sessionId } });
    expect(ofSession.hosts.map(({ host, count }) => [host, count])).toEqual([
      ['a.example', 100_000n],
      ['b.example', 40n],
    ]);
    expect(ofSession.unnamed).toBe(7n);
    expect(ofSession.hosts[0]?.lastAt?.seconds).toBe(BigInt(Date.parse('2026-11-21T08:00:04Z') / 1_000));
    const of = { case: 'workspace' as const, value: wanted.workspace };
    const ofWorkspace = await sessions.listBlocked({ tenantId, of, limit: 1 });
    expect(ofWorkspace.hosts.map(({ host, count }) => [host, count])).toEqual([['a.example', 100_001n]]);
    expect((await sessions.listBlocked({ tenantId, of: { ...of, value: 'wsp_unknown' } })).hosts).toEqual([]);
    await expect(sessions.listBlocked({ tenantId, of, limit: 501 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(sessions.listBlocked({ tenantId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is what each session used and what it cost', async () => {
    const wanted = request();
    const { sessionId } = await sessions.startSession(wanted);
    const { sessionId: idle } = await sessions.startSession({ ...wanted, requestId: `req_${randomName()}` });
    await ship(sessionId, [
      outcome({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 3 }, 0.25),
      outcome(null),
      outcome({ inputTokens: 1, outputTokens: 2, cacheWriteTokens: 4 }, null),
      outcome({ inputTokens: 100 }, 0.5),
    ]);
    await ship(idle, [outcome(null)]);
    const { sessions: spend } = await sessions.listSpend({
      tenantId,
      of: { case: 'workspace', value: wanted.workspace },
    });
    expect(spend).toHaveLength(1);
    expect(spend[0]).toMatchObject({
      sessionId,
      calls: 3n,
      inputTokens: 111n,
      outputTokens: 7n,
      cacheReadTokens: 3n,
      cacheWriteTokens: 4n,
      costUsd: 0.75,
      unpricedCalls: 1n,
    });
    const idles = await sessions.listSpend({ tenantId, of: { case: 'sessionId', value: idle } });
    expect(idles.sessions).toEqual([]);
  });
});
