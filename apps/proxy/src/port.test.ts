import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectHead, connectThroughProxy, type RawAddress, RawClient, TestAuthority } from '@aileron/testing';
import { ProxyConfig, type ProxyConfigInput } from './config.js';
import {
  createIssue,
  LINEAR,
  requestText,
  send,
  type TestRequest,
  type TestSession,
  TestWorld,
  until,
  viewer,
} from './proxy.fixture.js';
import { expectCleanRecords, pendingApproval } from './proxy-oracles.fixture.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(change: Partial<ProxyConfigInput>): Promise<TestWorld> {
  const world = await TestWorld.start(change);
  closing.push(() => world.close());
  return world;
}

const addressOf = ({ proxy }: TestWorld): RawAddress => ({ port: proxy.address?.port ?? 0 });
const bearer = (token: string) =>
  `CONNECT ${LINEAR}:443 HTTP/1.1\r\nHost: ${LINEAR}\r\nProxy-Authorization: Bearer ${token}\r\n\r\n`;
const firstCertificate = (pem: string) => pem.slice(0, pem.indexOf('-----END CERTIFICATE-----') + 26);

async function tunnel(world: TestWorld, session: TestSession, head = connectHead(`${LINEAR}:443`, session.token)) {
  const tls = { caPem: firstCertificate(session.caPem), servername: LINEAR };
  return await connectThroughProxy({ proxy: addressOf(world), head, tls, deadlineMs: 30_000 });
}

async function call(world: TestWorld, session: TestSession, request: TestRequest) {
  const { client } = await tunnel(world, session);
  using _ = client;
  client.write(requestText(LINEAR, request));
  return await client.readResponse();
}

/** The whole answer to a CONNECT, as bytes. */
async function answerTo(world: TestWorld, head: string): Promise<string> {
  using client = await RawClient.connect(addressOf(world));
  client.write(head);
  return (await client.readToEnd()).toString('latin1');
}

const headWith = (authorization: string | null) =>
  connectHead(`${LINEAR}:443`).replace(
    '\r\n\r\n',
    authorization === null ? '\r\n\r\n' : `\r\nProxy-Authorization: ${authorization}\r\n\r\n`,
  );

describe('the port of a proxy', () => {
  let world: TestWorld;
  let session: TestSession;
  beforeAll(async () => {
    world = await TestWorld.start({ listen: { port: 0 } });
    session = await world.session();
  });
  afterAll(async () => {
    await world.close();
    await expectCleanRecords(world);
  });

  it('finds the session by its token alone, Basic or Bearer; the rest is as on its socket', async () => {
    expect((await call(world, session, viewer)).status).toBe(200);
    const { client } = await tunnel(world, session, bearer(session.token));
    client.write(requestText(LINEAR, viewer));
    expect((await client.readResponse()).status).toBe(200);
    client.close();
    const outcomes = (await world.records(session.info.sessionId)).filter(({ kind }) => kind === 'outcome');
    expect(outcomes).toHaveLength(2);
  });

  it('holds a request asked there, and its approval serves a retry on the socket', async () => {
    const { client } = await tunnel(world, session);
    client.write(requestText(LINEAR, createIssue('by the port')));
    await pendingApproval(world, session);
    client.close();
    await until(async () => (await world.records(session.info.sessionId)).at(-1)?.['kind'] === 'refused');
    expect(
      [...world.management.approvals.values()].filter((row) => row.sessionId === session.info.sessionId),
    ).toHaveLength(1);
  });

  it('says the same to a token that never was, one that is over, half a token and none', async () => {
    const over = await world.session();
    world.management.endSession(over.info.sessionId);
    await until(async () => (await world.records(over.info.sessionId)).at(-1)?.['event'] === 'ended');
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const answers = await Promise.all(
      [
        null,
        basic('session:agt_never'),
        basic(`session:${over.token}`),
        `Bearer ${over.token}`,
        basic(`session:${session.token.slice(0, -1)}`),
        basic(`session:${session.token}x`),
        basic(`other:${session.token}`),
        basic(''),
        'Digest x',
        `Bearer ${session.token}, Bearer ${session.token}`,
      ].map((authorization) => answerTo(world, headWith(authorization))),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 407 /);
    expect(answers[0]).toContain('Proxy-Authenticate'.toLowerCase());
    expect(answers[0]).not.toContain('SESSION_ENDED');
    const refused = (await world.records()).filter(
      ({ kind, sessionId }) => kind === 'refused' && sessionId === undefined,
    );
    expect(refused.length).toBeGreaterThanOrEqual(answers.length);
    expect(refused[0]).toMatchObject({ refusal: { code: 'PROXY_AUTHENTICATION_REQUIRED', step: 'accept' } });
  });

  it('has one record for many refusals of those it does not know', async () => {
    const count = async () => (await world.records()).filter(({ kind }) => kind === 'refused').length;
    const before = await count();
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 10 }, () => answerTo(world, headWith('Bearer nobody'))));
    expect((await count()) - before).toBeLessThan(60);
    await until(async () => {
      await answerTo(world, headWith('Bearer nobody'));
      const last = (await world.records()).findLast(({ kind }) => kind === 'refused') as {
        refusal: { reason?: string };
      };
      return /\d+ more before it/.test(last.refusal.reason ?? '');
    });
  });

  it("answers the agent's own API for the session of the token, and nobody else's", async () => {
    const other = await world.session();
    const ask = async (fields: string) => {
      using client = await RawClient.connect(addressOf(world));
      client.write(`GET /v1/self/status HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n`);
      return await client.readResponse();
    };
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      const answer = await ask(`${name}: Bearer ${other.token}\r\n`);
      expect([answer.status, answer.json()]).toMatchObject([200, { sessionId: other.info.sessionId }]);
    }
    const both = `Proxy-Authorization: Bearer ${session.token}\r\nAuthorization: Bearer ${other.token}\r\n`;
    for (const fields of ['', 'Authorization: Bearer nobody\r\n', both])
      expect((await ask(fields)).json()).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('speaks nothing but a proxy’s HTTP', async () => {
    for (const bytes of ['\x05\x01\x00', '\x16\x03\x01']) {
      using client = await RawClient.connect(addressOf(world));
      client.write(bytes);
      expect(await client.readToEnd()).toHaveLength(0);
    }
    expect(await answerTo(world, 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n')).toContain(
      'PLAINTEXT_REFUSED',
    );
  });

  it('cuts a session’s tunnels there within a second of its end, and no other’s', async () => {
    const [ends, stays] = [await world.session(), await world.session()];
    const [cut, open] = [await tunnel(world, ends), await tunnel(world, stays)];
    const from = performance.now();
    world.management.endSession(ends.info.sessionId);
    await cut.client.ended();
    expect(performance.now() - from).toBeLessThan(1_000);
    open.client.write(requestText(LINEAR, viewer));
    expect((await open.client.readResponse()).status).toBe(200);
    open.client.close();
    expect(await answerTo(world, connectHead(`${LINEAR}:443`, ends.token))).toContain(' 407 ');
  });

  it('serves a session as soon as anybody knows of it', async () => {
    const token = `agt_${'x'.repeat(20)}`;
    const { sessionId } = world.management.startSession({ agentToken: token });
    world.credentials.unlocked.add(sessionId);
    const { response, client } = await connectThroughProxy({
      proxy: addressOf(world),
      head: connectHead(`${LINEAR}:443`, token),
    });
    client.close();
    expect(response.status).toBe(200);
  });
});

describe('the bounds of the port', () => {
  it('lets those that say nothing make room for those that do, on record', async () => {
    const world = await start({ listen: { port: 0, maxUnauthenticated: 4 } });
    const session = await world.session();
    const silent = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(addressOf(world))));
    expect((await call(world, session, viewer)).status).toBe(200);
    await until(() => silent.filter(({ socket }) => socket.destroyed || socket.readableEnded).length === 1);
    await until(async () =>
      (await world.records()).some(
        (record) => (record['refusal'] as { reason?: string } | undefined)?.reason === 'unauthenticated',
      ),
    );
    for (const client of silent) client.close();
  });

  it('takes no more connections than it may over all, and goes on when they are gone', async () => {
    const world = await start({ listen: { port: 0, maxConnections: 3 } });
    const session = await world.session();
    const held = [await tunnel(world, session), await tunnel(world, session), await tunnel(world, session)];
    await expect(tunnel(world, session)).rejects.toThrow();
    for (const { client } of held) client.close();
    await until(async () => {
      const answer = await call(world, session, viewer).catch(() => null);
      return answer?.status === 200;
    });
  });
});

describe('the port over TLS', () => {
  it('carries tunnels in its own TLS, and a handshake that does not come ends', async () => {
    const authority = await TestAuthority.create('proxy');
    const { cert, key } = await authority.issue(['proxy.test']);
    const world = await start({
      listen: { host: '0.0.0.0', port: 0, tls: { certificatePem: String(cert), privateKeyPem: String(key) } },
    });
    const session = await world.session();
    const outer = await (
      await RawClient.connect(addressOf(world))
    ).startTls({
      caPem: authority.certificatePem,
      servername: 'proxy.test',
    });
    outer.write(connectHead(`${LINEAR}:443`, session.token));
    expect((await outer.readResponse('CONNECT')).status).toBe(200);
    using inner = await outer.startTls({ caPem: firstCertificate(session.caPem), servername: LINEAR });
    inner.write(requestText(LINEAR, viewer));
    expect((await inner.readResponse()).status).toBe(200);
    using plain = await RawClient.connect(addressOf(world));
    plain.write(connectHead(`${LINEAR}:443`, session.token));
    expect(String(await plain.readToEnd())).not.toContain('HTTP');
    const from = performance.now();
    world.management.endSession(session.info.sessionId);
    await inner.ended();
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

describe('where the port is', () => {
  const base = {
    proxyId: 'prx_1',
    dataDirectory: '/d',
    socketRoot: '/s',
    adminKeys: [{ keyId: 'k', publicKeyBase64: 'x' }],
    deviceKeys: [],
  };

  it.each(['0.0.0.0', '::', '10.0.0.1', 'proxy.example', '127.0.0.1.example', '::ffff:10.0.0.1'])(
    'is not %s without TLS, and the field is named',
    (host) => {
      const parsed = ProxyConfig.safeParse({ ...base, listen: { host } });
      const issues = parsed.error?.issues.map(({ path }) => path.join('.')) ?? [];
      expect(issues).toContain('listen.tls');
      const protected_ = { host, tls: { certificatePem: 'c', privateKeyPem: 'k' } };
      const others = ProxyConfig.safeParse({ ...base, listen: protected_ }).error?.issues ?? [];
      expect(others.map(({ path }) => path[0])).not.toContain('listen');
    },
  );

  it('is said when it is taken, unless both share it', async () => {
    const world = await start({ listen: { port: 0 } });
    const { port } = world.proxy.address ?? { port: 0 };
    const other = { proxyId: 'prx_b', dataDirectory: `${world.directory}/b`, socketRoot: `${world.directory}/rb` };
    await expect(world.runProxy({ ...other, listen: { port } })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      details: { port },
    });
    const first = await world.runProxy({ ...other, listen: { port: 0, reusePort: true } });
    closing.push(() => first.stop());
    const shared = first.address?.port ?? 0;
    const third = { proxyId: 'prx_c', dataDirectory: `${world.directory}/c`, socketRoot: `${world.directory}/rc` };
    const second = await world.runProxy({ ...third, listen: { port: shared, reusePort: true } });
    closing.push(() => second.stop());
    expect(second.address).toEqual(first.address);
  });

  it('is nowhere by default, and is gone when the proxy stops', async () => {
    const none = await start({});
    expect(none.proxy.address).toBeNull();
    const world = await TestWorld.start({ listen: { port: 0 } });
    const { port } = world.proxy.address ?? { port: 0 };
    await world.close();
    const error = await new Promise((resolve) =>
      connect(port, '127.0.0.1', () => resolve(null)).once('error', resolve),
    );
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a port whose proxy hears nothing', () => {
  it('says so to everybody alike', async () => {
    const world = await start({ listen: { port: 0 } });
    const session = await world.session();
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
    world.management.leaseSeconds = 1;
    await world.proxy.stop();
    await world.startProxy();
    await until(() => world.proxy.serving);
    await until(() => !world.proxy.serving);
    const [known, unknown] = [connectHead(`${LINEAR}:443`, session.token), headWith('Bearer nobody')];
    const answers = [await answerTo(world, known), await answerTo(world, unknown)];
    expect(answers[0]).toMatch(/^HTTP\/1\.1 503 [^]*ENFORCEMENT_UNAVAILABLE/);
    expect(answers[1]).toBe(answers[0]);
  });
});
