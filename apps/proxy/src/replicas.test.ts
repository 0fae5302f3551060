import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startRawUpstream } from '@aileron/testing';
import { type ProxyRuntime } from './proxy.runtime.js';
import {
  ANTHROPIC,
  createIssue,
  LINEAR,
  message,
  newSession,
  openTunnel,
  requestText,
  send,
  type TestSession,
  TestWorld,
  until,
  viewer,
} from './proxy.fixture.js';
import { pendingApproval } from './proxy-oracles.fixture.js';
import { runtimeDirectoryOf } from './sessions/runtime-directory.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const changeOf = (world: TestWorld, name: string) => ({
  proxyId: `prx_${name}`,
  dataDirectory: join(world.directory, `data-${name}`),
  socketRoot: join(world.directory, `run-${name}`),
});

/** The same session, by the other proxy's socket. */
async function atOther(world: TestWorld, session: TestSession, name = 'b'): Promise<TestSession> {
  const { sessionId } = session.info;
  const directory = runtimeDirectoryOf(changeOf(world, name).socketRoot, { tenantId: 'ten_local', sessionId });
  return await atFirst({ ...session, socketPath: join(directory, 'proxy.sock') });
}

/** By the socket it names, once its sandbox would trust the session's certificate. */
async function atFirst(session: TestSession): Promise<TestSession> {
  await until(() => trusts(session.socketPath, session.caPem));
  return session;
}

async function trusts(socketPath: string, certificatePem: string): Promise<boolean> {
  if (!existsSync(socketPath)) return false;
  return (await readFile(join(socketPath, '../ca.pem'), 'utf8')).startsWith(certificatePem.trim());
}

/** Two proxies of one world, and an upstream whose streams never end. */
async function startTwo(): Promise<{ world: TestWorld; other: ProxyRuntime }> {
  const world = await TestWorld.start({}, async (made) => {
    const upstream = await startRawUpstream(ANTHROPIC, { onConnection: answerForEver });
    closing.push(() => upstream.close());
    made.anthropicUpstream = upstream;
  });
  closing.push(() => world.close());
  const other = await world.runProxy(changeOf(world, 'b'));
  closing.push(() => other.stop());
  await until(() => other.serving && world.proxy.serving);
  return { world, other };
}

function answerForEver(socket: TLSSocket): void {
  const event = 'event: ping\ndata: {}\n\n';
  socket.once('data', () =>
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n` +
        `${event.length.toString(16)}\r\n${event}\r\n`,
    ),
  );
}

async function openStream(session: TestSession) {
  const client = await openTunnel(session, ANTHROPIC);
  client.write(requestText(ANTHROPIC, message(true)));
  await until(async () => (await client.read(1)).length > 0);
  return client;
}

const unlock = ({ management, credentials }: TestWorld, { info: { sessionId } }: TestSession) => {
  credentials.unlocked.add(sessionId);
  management.setKeys(sessionId, { unlockedUntil: Date.now() + 3_600_000 });
};
const lock = ({ management, credentials }: TestWorld, { info: { sessionId } }: TestSession) => {
  credentials.unlocked.delete(sessionId);
  management.setKeys(sessionId, { lockedAt: Date.now() });
};

describe('two proxies of one session', () => {
  it('have one authority, whoever of them was first, and each serves it once it is unlocked', async () => {
    const { world } = await startTwo();
    const session = await newSession(world);
    const preparedBy = world.management.sessions.get(session.info.sessionId)?.preparedBy;
    const [a, b] = [await atOther(world, session), await atFirst(session)];
    unlock(world, session);
    await until(() => world.management.authorities.has(session.info.sessionId));
    for (const at of [a, b]) expect((await send(at, LINEAR, viewer)).status).toBe(200);
    expect(['prx_test', 'prx_b']).toContain(preparedBy);
  });

  it('that comes later opens the authority at first need, and is told what to do while it is locked', async () => {
    const world = await TestWorld.start();
    closing.push(() => world.close());
    const session = await world.session({ unlocked: false });
    const other = await world.runProxy(changeOf(world, 'b'));
    closing.push(() => other.stop());
    const at = await atOther(world, session);
    const from = performance.now();
    await expect(openTunnel(at, LINEAR)).rejects.toThrow(/503.*LEASE_MISSING.*vault unlock/);
    expect(performance.now() - from).toBeLessThan(2_000);
    unlock(world, session);
    expect((await send(at, LINEAR, viewer)).status).toBe(200);
    lock(world, session);
    expect((await send(at, LINEAR, viewer)).json()).toMatchObject({ code: 'LEASE_MISSING' });
  });

  it('waits for an authority that is being shared, and says so when it never is', async () => {
    const { world, other } = await startTwo();
    const isOthers = ({ info }: TestSession) => world.management.sessions.get(info.sessionId)?.preparedBy === 'prx_b';
    const notAtMaker = (session: TestSession) => (isOthers(session) ? atFirst(session) : atOther(world, session));
    const session = await newSession(world);
    const late = openTunnel(await notAtMaker(session), LINEAR);
    unlock(world, session);
    (await late).close();
    // Its maker is gone before anybody unlocked it.
    const second = await newSession(world);
    const left = await notAtMaker(second);
    await (isOthers(second) ? other : world.proxy).stop();
    unlock(world, second);
    await expect(openTunnel(left, LINEAR)).rejects.toThrow(/503.*has not shared.*ENFORCEMENT_UNAVAILABLE/);
    // Back with nothing in its memory it makes another one, and both have that.
    const again = await world.runProxy(isOthers(second) ? changeOf(world, 'b') : {});
    closing.push(() => again.stop());
    await until(() => world.management.authorities.has(second.info.sessionId));
    const caPem = world.management.sessions.get(second.info.sessionId)?.caCertificatePem ?? '';
    expect(caPem).not.toBe(second.caPem);
    await until(() => trusts(left.socketPath, caPem));
    expect((await send({ ...left, caPem }, LINEAR, viewer)).status).toBe(200);
  });

  it('both cut their streams within a second when the session ends', async () => {
    const { world } = await startTwo();
    const session = await newSession(world);
    unlock(world, session);
    const streams = [await openStream(await atFirst(session)), await openStream(await atOther(world, session))];
    const from = performance.now();
    world.management.endSession(session.info.sessionId);
    await Promise.all(streams.map((client) => client.ended()));
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('both cut what runs with its keys within a second when the vault is locked; what waits for a person waits', async () => {
    const { world } = await startTwo();
    const session = await newSession(world);
    unlock(world, session);
    const [a, b] = [await atFirst(session), await atOther(world, session)];
    const streams = [await openStream(a), await openStream(b)];
    const held = await openTunnel(a, LINEAR);
    held.write(requestText(LINEAR, createIssue('waits')));
    const approvalId = await pendingApproval(world, session);
    const from = performance.now();
    lock(world, session);
    await Promise.all(streams.map((client) => client.ended()));
    expect(performance.now() - from).toBeLessThan(1_000);
    for (const at of [a, b]) expect((await send(at, LINEAR, viewer)).json()).toMatchObject({ code: 'LEASE_MISSING' });
    const events = (await world.records(session.info.sessionId)).filter(({ kind }) => kind === 'session');
    expect([events.at(0)?.['event'], events.at(-1)?.['event']]).toEqual(['started', 'locked']);
    const outcome = (await world.records(session.info.sessionId)).find(({ kind }) => kind === 'outcome');
    expect(outcome).toMatchObject({ outcome: { state: 'cut' } });
    expect(held.socket.destroyed).toBe(false);
    expect(world.management.approvals.has(approvalId)).toBe(true);
    held.close();
  });

  it('cut what runs with its keys when they run out, and also when they were taken back and given again at once', async () => {
    const { world } = await startTwo();
    const session = await newSession(world);
    unlock(world, session);
    const first = await openStream(await atFirst(session));
    const { sessionId } = session.info;
    world.management.setKeys(sessionId, { lockedAt: Date.now(), unlockedUntil: Date.now() + 3_600_000 });
    await first.ended();
    const second = await openStream(await atOther(world, session));
    world.management.setKeys(sessionId, { unlockedUntil: Date.now() + 700 });
    await second.ended();
  });

  it('leave nothing of the key at rest but what credential-service sealed', async () => {
    const { world } = await startTwo();
    const session = await newSession(world);
    unlock(world, session);
    for (const at of [await atFirst(session), await atOther(world, session)])
      expect((await send(at, LINEAR, viewer)).status).toBe(200);
    const { sessionId } = session.info;
    const sealed = world.management.authorities.get(sessionId)?.sealed ?? new Uint8Array();
    const opened = await world.credentials.decrypt.unsealState(
      { tenantId: 'ten_local', sessionId, purpose: 'session-ca', sealed } as never,
      {} as never,
    );
    const state = JSON.parse(Buffer.from(opened.plaintext ?? []).toString()) as { privateKeyPkcs8Base64: string };
    const key = state.privateKeyPkcs8Base64;
    expect(key.length).toBeGreaterThan(100);
    let files = 0;
    for (const name of await readdir(world.directory, { recursive: true })) {
      const path = join(world.directory, name);
      if (!(await stat(path)).isFile()) continue;
      const bytes = await readFile(path);
      files += 1;
      expect(bytes.includes(key.slice(60, 120))).toBe(false);
      expect(bytes.includes(Buffer.from(key, 'base64').subarray(40, 80))).toBe(false);
    }
    expect(files).toBeGreaterThan(4);
    expect(world.logLines.join('\n')).not.toContain(key.slice(60, 120));
  });

  it('each write a log of their own', async () => {
    const { world, other } = await startTwo();
    await other.stop();
    closing.pop();
    const streams = await Promise.all(['data', 'data-b'].map((name) => readdir(join(world.directory, name, 'audit'))));
    expect(streams.flat()).toHaveLength(2);
    expect(new Set(streams.flat()).size).toBe(2);
  });
});
