import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ApprovalState } from '@aileron/contracts/grpc';
import { connectHead, connectThroughProxy, findCanary, startRawUpstream } from '@aileron/testing';
import { type ProxyConfigInput } from './config.js';
import {
  ANTHROPIC,
  createIssue,
  keys,
  LINEAR,
  message,
  openTunnel,
  policyBundle,
  requestText,
  send,
  type TestSession,
  TestWorld,
  until,
  viewer,
} from './proxy.fixture.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(change: Partial<ProxyConfigInput> = {}, prepare?: (world: TestWorld) => Promise<void>) {
  const world = await TestWorld.start(change, prepare);
  closing.push(() => world.close());
  return world;
}

/** A model upstream whose answers are bytes. */
async function startWithUpstream(onRequest: (socket: TLSSocket, world: TestWorld) => void) {
  const connections: TLSSocket[] = [];
  const world = await start({}, async (made) => {
    const upstream = await startRawUpstream(ANTHROPIC, {
      onConnection: (socket) => {
        connections.push(socket);
        socket.once('data', () => onRequest(socket, made));
      },
    });
    closing.push(() => upstream.close());
    made.anthropicUpstream = upstream;
  });
  return { world, connections };
}

const kinds = async (world: TestWorld, { info }: TestSession) =>
  (await world.records(info.sessionId)).map(({ kind }) => kind);
const outcomeOf = async (world: TestWorld, { info }: TestSession) =>
  (await world.records(info.sessionId)).find(({ kind }) => kind === 'outcome')?.['outcome'] as
    Record<string, unknown> | undefined;
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe('an upstream', () => {
  it('that reflects the secret does not get it to the agent, wherever a piece of it ends', async () => {
    const { world } = await startWithUpstream((socket, { anthropicSecret: { value } }) => {
      const encoded = Buffer.from(`x:${value}`).toString('base64');
      socket.write(
        `HTTP/1.1 200 OK\r\nx-echo: ${value}\r\nset-cookie: s=${value}\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      for (const piece of [value.slice(0, 9), value.slice(9), ' and ', encoded.slice(0, 30), encoded.slice(30)])
        socket.write(chunk(piece));
      socket.end('0\r\n\r\n');
    });
    const session = await world.session();
    const answer = await send(session, ANTHROPIC, message(false));
    expect(answer.status).toBe(200);
    expect(findCanary(answer.raw, world.anthropicSecret)).toEqual([]);
    expect(answer.body.toString()).toContain(' and ');
    expect(answer.header('set-cookie')).toBeUndefined();
  });

  it('that breaks off before it answers leaves an unknown outcome, and is not asked again', async () => {
    const { world, connections } = await startWithUpstream((socket) => socket.destroy());
    const session = await world.session();
    const answer = await send(session, ANTHROPIC, message(false));
    expect([answer.status, answer.json()]).toMatchObject([
      502,
      { code: 'UPSTREAM_UNREACHABLE', auditId: expect.any(String) },
    ]);
    expect(await outcomeOf(world, session)).toMatchObject({ state: 'unknown', status: null });
    expect(await kinds(world, session)).toEqual(['session', 'intent', 'outcome']);
    expect(connections).toHaveLength(1);
  });

  it('that breaks off in its answer cuts the agent, with what was counted so far', async () => {
    const start_ = JSON.stringify({
      type: 'message_start',
      message: { model: 'claude-sonnet-4-5', usage: { input_tokens: 7, output_tokens: 1 } },
    });
    const { world } = await startWithUpstream((socket) => {
      socket.write(HEAD + chunk(`event: message_start\ndata: ${start_}\n\n`));
      setTimeout(() => socket.destroy(), 20);
    });
    const session = await world.session();
    using client = await openTunnel(session, ANTHROPIC);
    client.write(requestText(ANTHROPIC, message(true)));
    expect((await client.readToEnd()).toString()).not.toContain('0\r\n\r\n');
    await until(async () => (await outcomeOf(world, session)) !== undefined);
    expect(await outcomeOf(world, session)).toMatchObject({
      state: 'cut',
      status: 200,
      tokens: { inputTokens: 7, complete: false },
    });
  });

  it('that cannot be reached leaves intent, outcome and refusal, and no decryption', async () => {
    const world = await start();
    const session = await world.session();
    await world.linear.close();
    const answer = await send(session, LINEAR, viewer);
    expect([answer.status, answer.json()]).toMatchObject([502, { code: 'UPSTREAM_UNREACHABLE' }]);
    expect(await kinds(world, session)).toEqual(['session', 'intent', 'outcome', 'refused']);
    expect(await outcomeOf(world, session)).toMatchObject({ state: 'upstream-error', status: null });
    expect(world.credentials.decrypts).toBe(0);
  });

  it('gets nothing when the credential cannot be opened', async () => {
    const world = await start();
    const session = await world.session();
    world.credentials.onDecrypt = () => world.credentials.unlocked.clear();
    const answer = await send(session, LINEAR, viewer);
    expect([answer.status, answer.json()]).toMatchObject([503, { code: 'LEASE_MISSING' }]);
    expect(world.linear.requests).toHaveLength(0);
    expect(await kinds(world, session)).toEqual(['session', 'intent', 'outcome', 'refused']);
  });
});

describe('a running stream', () => {
  const open = async () => {
    const made = await startWithUpstream((socket) => socket.write(HEAD + chunk('event: ping\ndata: {}\n\n')));
    const session = await made.world.session();
    const client = await openTunnel(session, ANTHROPIC);
    client.write(requestText(ANTHROPIC, message(true)));
    await until(async () => (await client.read(1)).length > 0);
    return { ...made, session, client };
  };

  it.each<[string, (world: TestWorld, session: TestSession) => Promise<void>]>([
    ['its session ends', async (world, { info }) => world.management.endSession(info.sessionId)],
    [
      'the policy does not allow it any more',
      async (world) =>
        world.management.publishPolicy(
          await policyBundle(2, [
            '@id("stop") forbid (principal, action == Action::"anthropic.create_message", resource);',
          ]),
        ),
    ],
  ])('is cut within a second when %s, on both sides', async (_, revoke) => {
    const { world, session, client, connections } = await open();
    const from = performance.now();
    await revoke(world, session);
    await client.ended();
    await until(() => connections.every((socket) => socket.destroyed));
    expect(performance.now() - from).toBeLessThan(1_000);
    await until(async () => (await outcomeOf(world, session)) !== undefined);
    expect(await outcomeOf(world, session)).toMatchObject({ state: 'cut' });
  });

  it('is cut, and nothing new passes, once the management plane was silent for the lease', async () => {
    const { world, session, client } = await open();
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
    // No heartbeat comes in this world: the lease that the snapshot gave runs out by itself.
    world.management.leaseSeconds = 1;
    world.management.away = true;
    await world.proxy.stop();
    world.management.away = false;
    await world.startProxy();
    await until(() => existsSync(session.socketPath));
    const again = await openTunnel(session, ANTHROPIC);
    again.write(requestText(ANTHROPIC, message(true)));
    await again.read(1);
    await again.ended();
    await expect(openTunnel(session, LINEAR)).rejects.toThrow(/503.*ENFORCEMENT_UNAVAILABLE/);
    client.close();
  });
});

describe('a restart', () => {
  it('keeps socket and authority; a held request finds its approval again and is sent once', async () => {
    const world = await start();
    const session = await world.session();
    const held = send(session, LINEAR, createIssue('survives'));
    await until(() => [...world.management.approvals.values()].some(({ state }) => state === ApprovalState.PENDING));
    await world.proxy.stop();
    const interrupted = await held;
    expect([interrupted.status, interrupted.json()]).toMatchObject([503, { code: 'ENFORCEMENT_UNAVAILABLE' }]);
    world.credentials.unlocked.clear();
    await world.startProxy();
    await until(() => existsSync(session.socketPath) && world.proxy.serving);
    await until(async () => (await kinds(world, session)).at(-1) === 'session');
    await expect(openTunnel(session, LINEAR)).rejects.toThrow(/503.*LEASE_MISSING.*vault unlock/);
    world.credentials.unlocked.add(session.info.sessionId);
    const [approval] = world.management.approvals.keys();
    await world.management.decide(approval ?? '', keys.device.signing, 'approve');
    const answer = await send(session, LINEAR, createIssue('survives'));
    expect(answer.status).toBe(200);
    expect(world.linear.issues.filter(({ title }) => title === 'survives')).toHaveLength(1);
    expect(world.management.approvals.size).toBe(1);
    expect(
      (await world.records(session.info.sessionId)).filter(({ kind }) => kind === 'session').map(({ event }) => event),
    ).toEqual(['started', 'restored']);
  });

  it("refuses a session whose sealed authority was swapped for another one's", async () => {
    const world = await start();
    const [one, other] = [await world.session(), await world.session()];
    for (const session of [one, other]) expect((await send(session, LINEAR, viewer)).status).toBe(200);
    await world.proxy.stop();
    const { authorities } = world.management;
    const theirs = authorities.get(other.info.sessionId);
    const own = authorities.get(one.info.sessionId);
    if (own === undefined || theirs === undefined) throw new Error('both are sealed');
    authorities.set(one.info.sessionId, { ...own, sealed: theirs.sealed });
    await world.startProxy();
    await until(() => world.proxy.serving && [one, other].every(({ socketPath }) => existsSync(socketPath)));
    await expect(openTunnel(one, LINEAR)).rejects.toThrow(/STATE_TAMPERED/);
    expect((await send(other, LINEAR, viewer)).status).toBe(200);
  });

  it('takes away what sessions left that ended meanwhile', async () => {
    const world = await start();
    const session = await world.session();
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
    await world.proxy.stop();
    world.management.sessions.clear();
    await world.startProxy();
    await until(() => !existsSync(join(session.socketPath, '..')));
  });
});

describe('what nothing may pass without', () => {
  it('the audit log: a full disk closes credentialed calls, and opens them again when it has room', async () => {
    const world = await start();
    const session = await world.session();
    world.diskFull = true;
    const before = world.credentials.decrypts;
    const answer = await send(session, LINEAR, viewer);
    expect([answer.status, answer.json()]).toMatchObject([503, { code: 'AUDIT_UNAVAILABLE' }]);
    expect([world.linear.requests.length, world.credentials.decrypts]).toEqual([0, before]);
    world.diskFull = false;
    await until(async () => (await send(session, LINEAR, viewer)).status === 200);
    expect(world.linear.requests).toHaveLength(1);
  });

  it('a policy: an invalid, older or unsigned bundle changes nothing and is on record', async () => {
    const world = await start();
    const session = await world.session();
    const forbid = '@id("none") forbid (principal, action, resource);';
    const refusals = async () =>
      (await world.records()).filter(({ kind, event }) => kind === 'policy' && event === 'refused').length;
    world.management.publishPolicy(await policyBundle(5, ['this is not cedar']));
    world.management.publishPolicy(await policyBundle(6, [forbid], keys.stranger.signing));
    world.management.publishPolicy(await policyBundle(1, [forbid]));
    await until(async () => (await refusals()) === 3);
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
    world.management.publishPolicy(await policyBundle(7, [forbid]));
    await until(async () =>
      (await world.records()).some(({ version, event }) => version === 7 && event === 'installed'),
    );
    expect((await send(session, LINEAR, viewer)).json()).toMatchObject({ code: 'POLICY_DENIED' });
  });

  it('bundles at all: without them every request is refused', async () => {
    const world = await start();
    await world.proxy.stop();
    world.management.policyBundle = new Uint8Array();
    await world.startProxy();
    const session = await world.session();
    await expect(openTunnel(session, LINEAR)).rejects.toThrow(/503.*ENFORCEMENT_UNAVAILABLE/);
  });
});

describe('a host that no connector owns', () => {
  const connect = async (session: TestSession, authority: string) => {
    const { client, response } = await connectThroughProxy({
      proxy: { socketPath: session.socketPath },
      head: connectHead(authority, session.token),
    });
    return { client, response };
  };

  it('leaves by 443 only, and not at all when egress is denied', async () => {
    const world = await start();
    const session = await world.session();
    expect((await connect(session, 'example.com:22')).response.json()).toMatchObject({ code: 'DESTINATION_REFUSED' });
    expect((await connect(session, `${LINEAR}:8443`)).response.json()).toMatchObject({ code: 'DESTINATION_REFUSED' });
    expect(world.resolved).toEqual([]);
    const denied = await start({ egress: 'deny' });
    const other = await denied.session();
    expect((await connect(other, 'example.com:443')).response.json()).toMatchObject({ code: 'POLICY_DENIED' });
    await until(async () => (await kinds(denied, other)).includes('refused'));
    expect(denied.resolved).toEqual([]);
  });
});
