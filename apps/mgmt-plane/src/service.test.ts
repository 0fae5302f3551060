import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditChain, GENESIS_HASH } from '@aileron/audit';
import { listRoutes } from '@aileron/auth';
import { ApprovalState, SessionState } from '@aileron/contracts/grpc';
import {
  ApprovalView,
  APPROVAL_DECISION_TYPE,
  ListApprovalsResponse,
  ListAuditStreamsResponse,
  ListSessionsResponse,
  Problem,
  QueryAuditResponse,
  ServiceStatus,
  SessionView,
  StartSessionResponse,
} from '@aileron/contracts/rest';
import { POLICY_BUNDLE_TYPE } from '@aileron/policy';
import { importVerifyingKey, signEnvelope, verifyEnvelope } from '@aileron/vault';
import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, previewOf, randomName } from './mgmt-plane.fixture.js';
import { RunningMgmtPlane } from './running-mgmt-plane.fixture.js';
import { VERSION } from './version.js';

let plane: RunningMgmtPlane;

beforeAll(async () => {
  plane = await RunningMgmtPlane.start();
});

afterAll(async () => {
  await plane.stop();
});

const start = async () =>
  StartSessionResponse.parse((await plane.call('POST', '/v1/sessions', { agent: 'fake' })).json);
const tenantId = 'ten_local';

describe('routes', () => {
  const application = () => plane.running.service('mgmt-plane').context as INestApplication;

  it('each states its authorization: all want the local token but /health', () => {
    const routes = listRoutes(application());
    expect(routes.length).toBeGreaterThan(15);
    const open = routes.filter((route) => route.access !== 'local-token');
    expect(open).toEqual([{ method: 'GET', path: '/health', access: 'public' }]);
  });

  it('each refuses a call without the token, with a wrong one, from another origin and under another name', async () => {
    const port = new URL(plane.running.service('mgmt-plane').url!).port;
    for (const { method, path, access } of listRoutes(application())) {
      const url = path.replaceAll(/:\w+/g, 'x');
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const refusals = [
        [{ authorization: '' }, 401],
        [{ authorization: `Bearer ${randomBytes(32).toString('base64url')}` }, 401],
        [{ origin: 'https://evil.example' }, 403],
        [{ host: `rebound.example:${port}` }, 403],
        [{ 'sec-fetch-site': 'cross-site' }, 403],
      ] as const;
      for (const [headers, status] of refusals) {
        const expected = access === 'public' && status === 401 ? 200 : status;
        expect({ path, status: (await plane.call(method, url, body, { ...headers })).status }).toEqual({
          path,
          status: expected,
        });
      }
    }
  });

  it('takes JSON only, and answers with problems', async () => {
    const wrong = await plane.call('POST', '/v1/sessions', { agent: 'fake' }, { 'content-type': 'text/plain' });
    expect(wrong).toMatchObject({ status: 415, type: expect.stringMatching(/^application\/problem\+json/) });
    const invalid = await plane.call('POST', '/v1/sessions', { agent: 'Not Valid', more: 1 });
    expect(Problem.parse(invalid.json)).toMatchObject({ status: 400, code: 'INVALID_ARGUMENT' });
    const unknown = await plane.call('GET', '/v1/nothing');
    expect(Problem.parse(unknown.json)).toMatchObject({ status: 404 });
  });
});

describe('sessions', () => {
  it('start, show, lock and end', async () => {
    const { session, agentToken, runtimeDirectory } = await start();
    expect(Buffer.from(agentToken, 'base64url')).toHaveLength(32);
    expect(runtimeDirectory).toBe(`/run/aileron/${session.sessionId}`);
    const path = `/v1/sessions/${session.sessionId}`;
    expect(SessionView.parse((await plane.call('GET', path)).json)).toMatchObject({ state: 'active', locked: true });
    const lease = await plane.call('POST', `${path}/lease`, { sealedLeaseBase64: 'AAAA' });
    expect(lease).toMatchObject({ status: 200, json: { expiresAt: '2026-11-21T20:00:00.000Z' } });
    expect(SessionView.parse((await plane.call('GET', path)).json).locked).toBe(false);
    expect((await plane.call('DELETE', `${path}/lease`)).status).toBe(204);
    expect(SessionView.parse((await plane.call('GET', path)).json).locked).toBe(true);
    expect(SessionView.parse((await plane.call('DELETE', path)).json)).toMatchObject({ state: 'ended' });
    const dead = await plane.call('POST', `${path}/lease`, { sealedLeaseBase64: 'AAAA' });
    expect(dead.json).toMatchObject({ code: 'SESSION_ENDED' });
    const listed = ListSessionsResponse.parse((await plane.call('GET', '/v1/sessions?state=ended&limit=500')).json);
    expect(listed.sessions.map((each) => each.sessionId)).toContain(session.sessionId);
  });

  it('of another tenant does not exist', async () => {
    const { session } = await start();
    const { sessionId } = session;
    const approval = await requestApproval(sessionId);
    const { createMgmtDatabase } = await import('@aileron/database/mgmt');
    const { prisma } = createMgmtDatabase({ url: plane.postgres.mgmtUrl });
    await prisma.tenant.create({ data: { tenantId: 'ten_other', name: 'other', createdAt: new Date() } });
    await prisma.account.create({
      data: { tenantId: 'ten_other', userId: 'usr_other', name: 'other', createdAt: new Date() },
    });
    const row = await prisma.session.findFirstOrThrow({ where: { sessionId } });
    const foreign = { ...row, tenantId: 'ten_other', userId: 'usr_other', sessionId: `ses_${randomName()}` };
    await prisma.session.create({ data: { ...foreign, agentTokenSha256: randomBytes(32) } });
    const card = await prisma.approval.findFirstOrThrow({ where: { approvalId: approval.approvalId } });
    const foreignCard = {
      ...card,
      tenantId: 'ten_other',
      sessionId: foreign.sessionId,
      approvalId: `apr_${randomName()}`,
    };
    await prisma.approval.create({ data: foreignCard });
    await prisma.$disconnect();
    for (const [method, path, body] of [
      ['GET', `/v1/sessions/${foreign.sessionId}`],
      ['DELETE', `/v1/sessions/${foreign.sessionId}`],
      ['POST', `/v1/sessions/${foreign.sessionId}/lease`, { sealedLeaseBase64: 'AAAA' }],
      ['DELETE', `/v1/sessions/${foreign.sessionId}/lease`],
      ['GET', `/v1/approvals/${foreignCard.approvalId}`],
      ['POST', `/v1/approvals/${foreignCard.approvalId}/decision`, { envelope: {} }],
      ['GET', '/v1/audit/export?streamId=prx_nobody'],
      ['GET', '/v1/vaults/vlt_nobody'],
      ['GET', '/v1/users/usr_nobody'],
    ] as const) {
      expect({ path, status: (await plane.call(method, path, body)).status }).toEqual({ path, status: 404 });
    }
    const text = (await plane.call('GET', '/v1/sessions')).text + (await plane.call('GET', '/v1/approvals')).text;
    expect(text).not.toContain(foreign.sessionId);
    await expect(plane.approvals.consume({ ...foreignCard, tenantId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

const requestApproval = (sessionId: string) =>
  plane.approvals.request({
    tenantId,
    sessionId,
    digest: randomBytes(32),
    operation: 'linear.create_issue',
    rule: 'writes',
    preview: previewOf('linear.create_issue'),
    ttlSeconds: 300,
  });

describe('approvals', () => {
  it('is asked by a proxy, found by long-poll, decided by a signature, watched and consumed once', async () => {
    const { session } = await start();
    const { sessionId } = session;
    const polling = plane.call('GET', `/v1/approvals?state=pending&sessionId=${sessionId}&waitMs=20000`);
    const asked = await requestApproval(sessionId);
    const [view] = ListApprovalsResponse.parse((await polling).json).approvals;
    expect(view).toMatchObject({ approvalId: asked.approvalId, agent: 'fake', preview: { connector: 'linear' } });
    const states: ApprovalState[] = [];
    const watching = (async () => {
      for await (const { state } of plane.approvals.watch({ tenantId, approvalId: asked.approvalId }))
        states.push(state);
    })();
    await eventually(async () => states.length === 1);
    const decided = await plane.call('POST', `/v1/approvals/${asked.approvalId}/decision`, {
      envelope: await sign(ApprovalView.parse(view)),
    });
    expect(ApprovalView.parse(decided.json)).toMatchObject({ state: 'approved', decidedBy: 'Ada' });
    await eventually(async () => states.length === 2);
    const consumed = await plane.approvals.consume({ tenantId, approvalId: asked.approvalId, digest: asked.digest });
    expect(JSON.parse(Buffer.from(consumed.decision).toString())).toMatchObject({
      payloadType: APPROVAL_DECISION_TYPE,
    });
    await watching;
    expect(states).toEqual([ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.CONSUMED]);
    const again = plane.approvals.consume({ tenantId, approvalId: asked.approvalId, digest: asked.digest });
    await expect(again).rejects.toMatchObject({ code: 'APPROVAL_CONSUMED' });
    const { approvals } = await plane.approvals.listBySession({ tenantId, sessionId });
    expect(approvals.map((each) => each.state)).toEqual([ApprovalState.CONSUMED]);
  });

  it('survives a restart of the service', async () => {
    const { session } = await start();
    const asked = await requestApproval(session.sessionId);
    await plane.close();
    plane = await RunningMgmtPlane.start(plane.postgres, plane.fixture);
    const view = ApprovalView.parse((await plane.call('GET', `/v1/approvals/${asked.approvalId}`)).json);
    expect(view.state).toBe('pending');
    const decided = await plane.call('POST', `/v1/approvals/${asked.approvalId}/decision`, {
      envelope: await sign(view),
    });
    expect(decided.status).toBe(200);
  });

  const sign = async (view: ApprovalView) => {
    const payload = {
      tenantId,
      approvalId: view.approvalId,
      sessionId: view.sessionId,
      digest: view.digest,
      previewSha256: createHash('sha256').update(Buffer.from(view.previewBase64, 'base64')).digest('base64url'),
      decision: 'approve',
      approver: 'Ada',
      reason: null,
      decidedAt: new Date().toISOString(),
      expiresAt: view.expiresAt,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(payload));
    return signEnvelope({ payloadType: APPROVAL_DECISION_TYPE, payload: bytes, key: plane.fixture.device });
  };
});

describe('what proxies hear', () => {
  it('each hears the sessions and the bundles, then every change', async () => {
    const before = (await start()).session;
    const stop = new AbortController();
    const heard = ['prx_a', 'prx_b'].map((proxyId) => {
      const events: { id: string; state: SessionState }[] = [];
      const snapshots: string[] = [];
      const listening = (async () => {
        for await (const { event } of plane.dataPlane.watch({ proxyId, version: VERSION }, { signal: stop.signal })) {
          if (event.case === 'snapshot') snapshots.push(...event.value.sessions.map((each) => each.sessionId));
          if (event.case === 'session') events.push({ id: event.value.sessionId, state: event.value.state });
        }
      })().catch(() => undefined);
      return { events, snapshots, listening };
    });
    await eventually(async () => heard.every(({ snapshots }) => snapshots.length > 0));
    const { session } = await start();
    // A session that is over before anybody looked is nothing to tell of.
    await eventually(async () => heard.every(({ events }) => events.some(({ id }) => id === session.sessionId)));
    await plane.call('DELETE', `/v1/sessions/${session.sessionId}`);
    for (const { events, snapshots } of heard) {
      expect(snapshots).toContain(before.sessionId);
      const states = () => events.filter(({ id }) => id === session.sessionId).map(({ state }) => state);
      await eventually(async () => states().at(-1) === SessionState.ENDED);
      // Two changes in a hurry may be heard as one; none is heard twice or out of order.
      expect(states()).toEqual([...new Set(states())].toSorted((a, b) => a - b));
    }
    stop.abort();
    await Promise.all(heard.map(({ listening }) => listening));
  });

  it('is refused to a proxy of another minor version or without a name', async () => {
    const first = (request: { proxyId: string; version: string }) =>
      plane.dataPlane.watch(request)[Symbol.asyncIterator]().next();
    await expect(first({ proxyId: 'prx_a', version: '9.0.0' })).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
    await expect(first({ proxyId: '', version: VERSION })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('policy', () => {
  const adminKey = () => importVerifyingKey(plane.fixture.config.adminSigningKey);
  const snapshot = async () => {
    const stop = new AbortController();
    for await (const { event } of plane.dataPlane.watch(
      { proxyId: 'prx_p', version: VERSION },
      { signal: stop.signal },
    )) {
      if (event.case === 'snapshot') return event.value;
    }
    throw new Error('no snapshot');
  };
  const policyFile = () => join(plane.fixture.config.policyDirectory, 'extra.cedar');
  const writePolicy = async (cedar: string) => {
    await mkdir(plane.fixture.config.policyDirectory, { recursive: true });
    await writeFile(policyFile(), cedar);
  };

  it('is published signed, and again only when it changed', async () => {
    const { policyBundle, connectorBundle } = await snapshot();
    const envelope: unknown = JSON.parse(Buffer.from(policyBundle!.envelope).toString());
    const verified = await verifyEnvelope({ envelope, payloadType: POLICY_BUNDLE_TYPE, keys: [await adminKey()] });
    expect(JSON.parse(Buffer.from(verified.payload).toString())).toMatchObject({
      tenantId,
      version: Number(policyBundle!.version),
    });
    expect(connectorBundle!.version).toBe(1n);
    await plane.close();
    plane = await RunningMgmtPlane.start(plane.postgres, plane.fixture);
    expect((await snapshot()).policyBundle!.version).toBe(policyBundle!.version);
  });

  it('takes the files of the home, and keeps what is in force when one is invalid, at a reload and at a start', async () => {
    const present = (await snapshot()).policyBundle!.version;
    await writePolicy('@id("no-deletes")\nforbid (principal, action == Action::"linear.create_comment", resource);');
    expect((await plane.call('POST', '/v1/policy/reload', {})).json).toEqual({ policyVersion: Number(present) + 1 });
    await writePolicy('forbid (principal, action == Action::"linear.no_such_operation", resource);');
    const refused = await plane.call('POST', '/v1/policy/reload', {});
    expect(refused.json).toMatchObject({ code: 'POLICY_INVALID' });
    expect((await snapshot()).policyBundle!.version).toBe(present + 1n);
    await plane.close();
    plane = await RunningMgmtPlane.start(plane.postgres, plane.fixture);
    expect((await snapshot()).policyBundle!.version).toBe(present + 1n);
    await rm(policyFile());
    expect((await plane.call('POST', '/v1/policy/reload', {})).json).toEqual({ policyVersion: Number(present) + 2 });
  });
});

describe('audit', () => {
  it('is shipped by a proxy, queried and exported as it was written', async () => {
    const streamId = `prx_${randomName()}`;
    const { session } = await start();
    const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
    const chain = new AuditChain({ stream: streamId, lastSeq: 0, lastHash: GENESIS_HASH, sha256 });
    const lines = ['started', 'unlocked', 'ended'].map((event, n) => {
      const at = `2026-11-21T08:00:0${n}.000Z`;
      const record = { id: `aud_${randomName()}`, at, tenantId, kind: 'session', sessionId: session.sessionId, event };
      return chain.next(record as never).line;
    });
    expect(await plane.audit.ship({ tenantId, streamId, lines })).toMatchObject({ acknowledgedSeq: 3n });
    const page = await plane.call('GET', `/v1/audit?sessionId=${session.sessionId}&limit=2`);
    const { records, next } = QueryAuditResponse.parse(page.json);
    expect(records).toMatchObject([{ event: 'ended' }, { event: 'unlocked' }]);
    const rest = await plane.call('GET', `/v1/audit?sessionId=${session.sessionId}&limit=2&after=${next}`);
    expect(QueryAuditResponse.parse(rest.json)).toMatchObject({ records: [{ event: 'started' }], next: null });
    const exported = await plane.call('GET', `/v1/audit/export?streamId=${streamId}`);
    expect(exported).toMatchObject({ status: 200, type: 'application/x-ndjson' });
    expect(exported.text).toBe(lines.map((line) => `${Buffer.from(line).toString()}\n`).join(''));
    const { streams } = ListAuditStreamsResponse.parse((await plane.call('GET', '/v1/audit/streams')).json);
    expect(streams).toContainEqual({ streamId, acknowledgedSeq: 3, records: 3 });
    const own = await plane.audit.queryBySession({ tenantId, sessionId: session.sessionId, limit: 10 });
    expect(own.lines).toHaveLength(3);
  });
});

describe('the vault store', () => {
  it('keeps what a person’s device wrote for credential-service to read', async () => {
    const vaultId = `vlt_${randomName()}`;
    const files = ['manifest.json', 'meta.json', 'members.json', 'credentials/crd_1.enc'].map((path) => {
      return { path, contentBase64: randomBytes(16).toString('base64') };
    });
    const put = (expectedManifestSha256: string | null, body = files) =>
      plane.call('PUT', `/v1/vaults/${vaultId}`, { expectedManifestSha256, files: body });
    expect((await put(null)).status).toBe(200);
    expect((await put(null)).status).toBe(409);
    expect((await put(null, [{ path: '../../x', contentBase64: 'AAAA' }])).status).toBe(400);
    expect((await put(null, [...files, files[0]!])).status).toBe(400);
    const read = await plane.vaultStore.getVault({ tenantId, vaultId });
    expect(new Map(read.files.map(({ path, content }) => [path, Buffer.from(content).toString('base64')]))).toEqual(
      new Map(files.map(({ path, contentBase64 }) => [path, contentBase64])),
    );
    const manifest = read.files.find(({ path }) => path === 'manifest.json')?.content ?? new Uint8Array();
    const unlessManifestSha256 = createHash('sha256').update(manifest).digest('base64url');
    const known = await plane.vaultStore.getVault({ tenantId, vaultId, unlessManifestSha256 });
    expect(known).toMatchObject({ files: [], unchanged: true });
    const foreign = plane.vaultStore.getVault({ tenantId: 'ten_other', vaultId });
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const user = await plane.call('PUT', '/v1/users/usr_local', { expectedSha256: null, contentBase64: 'AAAA' });
    expect(user.status).toBe(200);
    expect(await plane.vaultStore.getUser({ tenantId, userId: 'usr_local' })).toMatchObject({
      content: new Uint8Array(3),
    });
  });
});

describe('status, catalogue and health', () => {
  it('tell what is there', async () => {
    const status = ServiceStatus.parse((await plane.call('GET', '/v1/status')).json);
    expect(status).toMatchObject({ version: VERSION, tenantId, user: { userId: 'usr_local', name: 'Ada' } });
    expect(status.connectors.map((connector) => connector.name).toSorted()).toEqual(['anthropic', 'linear']);
    const actions = (await plane.call('GET', '/v1/actions')).json as { actions: unknown[] };
    expect(JSON.stringify(actions)).toContain('linear.create_issue');
    const key = await plane.call('GET', '/v1/credential-service/key');
    expect(key.json).toEqual({ envelope: { payloadType: 'key' } });
  });

  it('say that the database is gone, and that it is back', async () => {
    const healthy = { status: 'ok', service: 'ok', database: 'ok' };
    expect((await plane.call('GET', '/health')).json).toEqual(healthy);
    process.kill(plane.postgres.server.pid!, 'SIGKILL');
    const sick = await eventually(async () => {
      const answer = await plane.call('GET', '/health');
      return answer.status === 503 && answer;
    });
    expect(sick.json).toEqual({ status: 'degraded', service: 'ok', database: 'unreachable' });
    const refused = await plane.call('GET', '/v1/sessions');
    expect(refused).toMatchObject({ status: 503, json: { code: 'DATABASE_UNAVAILABLE' } });
    await plane.postgres.server.start();
    expect((await plane.call('GET', '/health')).json).toEqual(healthy);
    expect((await plane.call('GET', '/v1/sessions')).status).toBe(200);
    await expect(start()).resolves.toMatchObject({ session: { state: 'active' } });
  });
});
