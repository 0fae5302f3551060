import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainAccessMode } from '@aileron/contracts/grpc';
import { connectHead, connectThroughProxy, type RawUpstream, startRawUpstream } from '@aileron/testing';
import { type FirewallInit, newId } from '../management.fixture.js';
import { LINEAR, openTunnel, requestText, send, type TestSession, TestWorld, until, viewer } from '../proxy.fixture.js';
import { runtimeDirectoryOf } from '../sessions/runtime-directory.js';

const OPEN = 'www.open.example';
const allowlist = (...domains: string[]): FirewallInit => ({
  networkAccess: true,
  mode: DomainAccessMode.ALLOWLIST,
  domains,
});
const CONNECTORS_ONLY: FirewallInit = { networkAccess: true, mode: DomainAccessMode.DENY, domains: [OPEN] };
const OFF: FirewallInit = { ...allowlist(OPEN, '*.example'), networkAccess: false };

let world: TestWorld;
let upstream: RawUpstream;
beforeAll(async () => {
  upstream = await startRawUpstream(OPEN, {
    onConnection: (socket) => void socket.on('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n')),
  });
  world = await TestWorld.start({}, async (before) => void (before.anthropicUpstream = upstream));
});
afterAll(async () => {
  await world.close();
  await upstream.close();
});

const connect = async ({ socketPath, token }: TestSession, authority: string) =>
  await connectThroughProxy({ proxy: { socketPath }, head: connectHead(authority, token), deadlineMs: 30_000 });
const codeOf = ({ status, body }: { status: number; body: Buffer }) =>
  status === 200 ? 'open' : (JSON.parse(body.toString()) as { code: string }).code;
/** Whether CONNECT is answered 200, or the code. */
async function answerTo(session: TestSession, authority: string): Promise<string> {
  const { client, response } = await connect(session, authority);
  client.close();
  return codeOf(response);
}
/** TLS with the open host itself, through the proxy. */
async function throughTo(session: TestSession) {
  const { client } = await connect(session, `${OPEN}:443`);
  return await client.startTls({ caPem: upstream.caPem, servername: OPEN });
}
const refusals = async (session: TestSession) =>
  (await world.records(session.info.sessionId)).filter(({ kind }) => kind === 'refused');

describe('the firewall of a session', () => {
  it('is none for a session without one', async () => {
    const session = await world.session();
    expect(await answerTo(session, `${OPEN}:443`)).toBe('open');
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
  });

  it('lets listed hosts and those of connectors pass, and tells the agent what it refuses', async () => {
    const session = await world.session({ firewall: allowlist(OPEN) });
    using open = await throughTo(session);
    open.write('hello');
    expect((await open.readResponse()).status).toBe(204);
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
    const { client, response } = await connect(session, 'Other.Example.:443');
    expect([response.status, response.header('content-type')]).toEqual([403, 'application/problem+json']);
    expect(response.json()).toMatchObject({
      code: 'FIREWALL_REFUSED',
      host: 'other.example',
      action: expect.stringContaining('ask a person to allow it'),
    });
    await client.ended();
    await until(async () => (await refusals(session)).length === 1);
    expect((await refusals(session))[0]).toMatchObject({
      request: { host: 'other.example', port: 443 },
      refusal: { code: 'FIREWALL_REFUSED', status: 403, step: 'accept', reason: 'the host is not allowed' },
    });
  });

  it.each<[string, FirewallInit, string, string]>([
    ['mode deny: connectors alone', CONNECTORS_ONLY, 'FIREWALL_REFUSED', 'open'],
    ['no network access: nothing', OFF, 'FIREWALL_REFUSED', 'FIREWALL_REFUSED'],
    [
      'a mode that nobody knows: nothing',
      { ...allowlist(OPEN), mode: 7 as DomainAccessMode },
      'FIREWALL_REFUSED',
      'FIREWALL_REFUSED',
    ],
    ['no mode: nothing', { networkAccess: true, domains: [OPEN] }, 'FIREWALL_REFUSED', 'FIREWALL_REFUSED'],
    ['settings that say nothing: nothing', {}, 'FIREWALL_REFUSED', 'FIREWALL_REFUSED'],
    [
      'a list beyond its bound: nothing',
      allowlist(OPEN, ...Array.from({ length: 1_000 }, (_, i) => `h${i}.example`)),
      'FIREWALL_REFUSED',
      'FIREWALL_REFUSED',
    ],
    ['a list of 500', allowlist(OPEN, ...Array.from({ length: 499 }, (_, i) => `h${i}.example`)), 'open', 'open'],
  ])('%s', async (_, firewall, open, owned) => {
    const session = await world.session({ firewall });
    expect(await answerTo(session, `${OPEN}:443`)).toBe(open);
    expect(await answerTo(session, `${LINEAR}:443`)).toBe(owned);
  });

  it('keeps private and special destinations refused, whatever is listed', async () => {
    const session = await world.session({ firewall: allowlist('intranet.example', '*.corp.example') });
    for (const authority of ['127.0.0.1:443', '[::1]:443', '169.254.169.254:443', 'localhost:443'])
      expect(await answerTo(session, authority)).toBe('FIREWALL_REFUSED');
    expect(await answerTo(session, 'intranet.example:22')).toBe('DESTINATION_REFUSED');
    for (const host of ['intranet.example', 'a.corp.example']) {
      // It resolves to 127.0.0.1.
      const { client } = await connect(session, `${host}:443`);
      using inside = await client.startTls({ caPem: session.caPem, servername: host });
      inside.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect((await inside.readResponse()).json()).toMatchObject({ code: 'DESTINATION_REFUSED' });
    }
  });

  it('is not gone around by another SNI or another Host in an allowed tunnel', async () => {
    const session = await world.session({ firewall: allowlist(OPEN) });
    const accepted = upstream.connections();
    const { client } = await connect(session, `${OPEN}:443`);
    await expect(client.startTls({ caPem: session.caPem, servername: 'other.example' })).rejects.toThrow();
    expect(upstream.connections()).toBe(accepted);
    using tunnel = await openTunnel(session, LINEAR);
    tunnel.write(requestText('other.example', viewer));
    expect((await tunnel.readResponse()).json()).toMatchObject({ code: 'TARGET_MISMATCH' });
  });
});

describe('other settings', () => {
  it('cut what streams and is not allowed any more, and leave the rest alone', async () => {
    const session = await world.session({ firewall: allowlist(OPEN) });
    using open = await throughTo(session);
    using owned = await openTunnel(session, LINEAR);
    // Before its ClientHello a tunnel is as open as any other.
    const { client: silent } = await connect(session, `${OPEN}:443`);
    open.write('hello');
    expect((await open.readResponse()).status).toBe(204);
    world.management.change(session.info.sessionId, { firewall: CONNECTORS_ONLY });
    await open.ended();
    await silent.ended();
    owned.write(requestText(LINEAR, viewer));
    expect((await owned.readResponse()).status).toBe(200);
    expect(await answerTo(session, `${OPEN}:443`)).toBe('FIREWALL_REFUSED');
    await until(async () => (await world.records(session.info.sessionId)).some(({ kind }) => kind === 'egress'));
    world.management.change(session.info.sessionId, { firewall: OFF });
    await owned.ended();
    expect(await answerTo(session, `${LINEAR}:443`)).toBe('FIREWALL_REFUSED');
    world.management.change(session.info.sessionId, { firewall: allowlist(OPEN) });
    await until(async () => (await answerTo(session, `${OPEN}:443`)) === 'open');
  });

  it('hold from the first request on when they come while a session is being prepared', async () => {
    const token = newId('agt');
    const { sessionId } = world.management.startSession({ agentToken: token, firewall: allowlist(OPEN) });
    world.management.change(sessionId, { firewall: OFF });
    await until(() => world.management.reports.some((report) => report.sessionId === sessionId));
    const directory = runtimeDirectoryOf(join(world.directory, 'run'), { tenantId: 'ten_local', sessionId });
    const session = { info: { sessionId }, token, caPem: '', socketPath: join(directory, 'proxy.sock') };
    expect(await answerTo(session, `${OPEN}:443`)).toBe('FIREWALL_REFUSED');
  });
});

describe('refusals', () => {
  it('of an agent that hammers are few records with the true number', async () => {
    const session = await world.session({ firewall: CONNECTORS_ONLY });
    const tries = 120;
    for (let i = 0; i < tries; i++) expect(await answerTo(session, 'hammered.example:443')).toBe('FIREWALL_REFUSED');
    world.management.endSession(session.info.sessionId);
    await until(async () => (await world.records(session.info.sessionId)).some(({ event }) => event === 'ended'));
    const counts = (await refusals(session)).map(({ refusal }) => (refusal as { count?: number }).count ?? 1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(tries);
    expect(counts.length).toBeLessThan(20);
  });
});

describe('another token', () => {
  it('opens the session, and the one before nothing any more', async () => {
    const session = await world.session();
    const again = { ...session, token: newId('agt') };
    expect(await answerTo(again, `${OPEN}:443`)).toBe('PROXY_AUTHENTICATION_REQUIRED');
    world.management.change(session.info.sessionId, { agentToken: again.token });
    await until(async () => (await answerTo(again, `${OPEN}:443`)) === 'open');
    expect(await answerTo(session, `${OPEN}:443`)).toBe('PROXY_AUTHENTICATION_REQUIRED');
  });
});
