import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, proxyReady, ServicesFixture } from '../mgmt-plane.fixture.js';

let services: ServicesFixture;

beforeAll(async () => {
  services = await ServicesFixture.start();
});

afterAll(async () => {
  await services.stop();
});

const start = () => services.sessions.start(services.identity.localCaller, { agent: 'fake', ttlSeconds: 3_600 });
const startingRow = () =>
  eventually(async () => (await services.sessionRows.listAlive('ten_local')).find((row) => row.state === 'starting'));

describe('start', () => {
  it('answers when a proxy prepared it, with a token of which only the digest is stored', async () => {
    const { session, agentToken } = await services.activeSession();
    expect(session).toMatchObject({ state: 'active', ...proxyReady });
    expect(Buffer.from(agentToken, 'base64url')).toHaveLength(32);
    const row = await services.sessionRows.find(session);
    expect(Buffer.from(row!.agentTokenSha256)).toEqual(createHash('sha256').update(agentToken).digest());
    expect(JSON.stringify(row)).not.toContain(agentToken);
  });

  it('fails and ends when no proxy answers in time', async () => {
    const before = services.time.waiting;
    const starting = start();
    const failure = expect(starting).rejects.toMatchObject({ code: 'ENFORCEMENT_UNAVAILABLE' });
    const { sessionId } = await startingRow();
    for (let second = 0; second < 5; second += 1) {
      await eventually(async () => services.time.waiting > before);
      services.time.advance(1_000);
    }
    await failure;
    expect(await services.sessions.get({ tenantId: 'ten_local', sessionId })).toMatchObject({ state: 'ended' });
    const late = services.sessions.prepared({ ...proxyReady, tenantId: 'ten_local', sessionId });
    await expect(late).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });

  it('fails with the proxy’s code when the proxy cannot', async () => {
    const starting = start();
    const failure = expect(starting).rejects.toMatchObject({ code: 'HOME_PATH_TOO_LONG' });
    const { tenantId, sessionId } = await startingRow();
    await services.sessions.failed({ tenantId, sessionId, proxyId: 'prx_test', code: 'HOME_PATH_TOO_LONG' });
    await failure;
  });

  it('goes on while another proxy may do it, and fails once all said that they cannot', async () => {
    const report = (row: { tenantId: string; sessionId: string }, proxyId: string) =>
      services.sessions.failed({ ...row, proxyId, code: 'HOME_PATH_TOO_LONG', proxies: 2 });
    const starting = start();
    const row = await startingRow();
    await report(row, 'prx_a');
    await report(row, 'prx_a');
    const { tenantId, sessionId } = row;
    await services.sessions.prepared({ ...proxyReady, tenantId, sessionId });
    expect((await starting).session.state).toBe('active');
    const failure = expect(start()).rejects.toMatchObject({ code: 'HOME_PATH_TOO_LONG' });
    const second = await startingRow();
    await report(second, 'prx_a');
    await report(second, 'prx_b');
    await failure;
  });

  it('does not pass on a code that is not of the table', async () => {
    const starting = start();
    const failure = expect(starting).rejects.toMatchObject({ code: 'ENFORCEMENT_UNAVAILABLE' });
    const { tenantId, sessionId } = await startingRow();
    await services.sessions.failed({ tenantId, sessionId, proxyId: 'prx_test', code: '__proto__' });
    await failure;
  });
});

describe('reports of proxies', () => {
  it('takes the first; the same one may prepare it anew, another changes nothing', async () => {
    const { session } = await services.activeSession();
    await services.sessions.prepared({ ...session, ...proxyReady, proxyId: 'prx_other', runtimeDirectory: '/other' });
    expect(await services.sessions.get(session)).toMatchObject(proxyReady);
    await services.sessions.failed({ ...session, proxyId: 'prx_other', code: 'INTERNAL' });
    expect(await services.sessions.get(session)).toMatchObject({ state: 'active' });
    const { tenantId, sessionId } = session;
    await services.sessions.prepared({ tenantId, sessionId, ...proxyReady, runtimeDirectory: '/again' });
    expect(await services.sessions.get(session)).toMatchObject({ runtimeDirectory: '/again' });
  });
});

describe('end', () => {
  it('forgets the keys, once, and cannot be undone', async () => {
    const { session } = await services.activeSession();
    const { tenantId, sessionId } = session;
    await services.sessions.end(session, 'requested');
    const first = await services.sessions.get(session);
    services.time.advance(1_000);
    expect(await services.sessions.end(session, 'requested')).toEqual(first);
    expect(services.leases.revoked.filter((id) => id === sessionId)).toHaveLength(1);
    await expect(services.sessions.prepared({ tenantId, sessionId, ...proxyReady })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });

  it('does not know another tenant’s', async () => {
    const { session } = await services.activeSession();
    const foreign = { tenantId: 'ten_other', sessionId: session.sessionId };
    await expect(services.sessions.get(foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(services.sessions.end(foreign, 'requested')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await services.sessions.get(session)).toMatchObject({ state: 'active' });
  });
});

describe('sweep', () => {
  it('ends what ran out, and what a crash left starting', async () => {
    const { session } = await services.activeSession(60);
    const lives = (await services.activeSession(3_600)).session;
    const cut = {
      tenantId: 'ten_local',
      sessionId: `ses_cut${services.time.now()}`,
      userId: 'usr_local',
      userName: 'Ada',
      agent: 'fake',
      workspace: null,
      project: null,
      agentTokenSha256: createHash('sha256').update('cut').digest(),
      createdAt: new Date(services.time.now()),
      expiresAt: new Date(services.time.now() + 3_600_000),
      firewall: null,
      requestId: null,
    };
    await services.sessionRows.insert(cut);
    await services.sessions.sweep();
    expect(await services.sessions.get(cut)).toMatchObject({ state: 'starting' });
    services.time.advance(61_000);
    await services.sessions.sweep();
    expect(await services.sessions.get(session)).toMatchObject({ state: 'ended' });
    expect(await services.sessions.get(cut)).toMatchObject({ state: 'ended' });
    expect(await services.sessions.get(lives)).toMatchObject({ state: 'active' });
  });
});

describe('a killed database', () => {
  it('is DATABASE_UNAVAILABLE, and the next call works once it is back', async () => {
    const { session } = await services.activeSession();
    process.kill(services.postgres.server.pid!, 'SIGKILL');
    const failure = await eventually(async () =>
      services.sessions.get(session).then(
        () => false as const,
        (error: unknown) => error as { code: string },
      ),
    );
    expect(failure.code).toBe('DATABASE_UNAVAILABLE');
    await services.postgres.server.start();
    expect(await services.sessions.get(session)).toMatchObject({ state: 'active' });
  });
});
