import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startRawUpstream } from '@aileron/testing';
import {
  ANTHROPIC,
  changedConnectors,
  connectorBundle,
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
import { pendingApproval } from './proxy-oracles.fixture.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(prepare?: (world: TestWorld) => Promise<void>): Promise<TestWorld> {
  const world = await TestWorld.start({}, prepare);
  closing.push(() => world.close());
  return world;
}

const FORBID = '@id("freeze") forbid (principal, action == Action::"linear.list_teams", resource);';
const HARMLESS = '@id("other") forbid (principal, action == Action::"linear.create_comment", resource);';
const teams = { path: '/graphql', body: { query: '{ teams { nodes { key } } }' } };

async function installed(world: TestWorld, bundle: 'policy' | 'connector', version: number): Promise<void> {
  await until(async () =>
    (await world.records()).some(
      (record) =>
        record['kind'] === 'policy' &&
        record['bundle'] === bundle &&
        record['version'] === version &&
        record['event'] === 'installed',
    ),
  );
}

/** Asks over and over on one connection; every answer's status and code. */
async function askAlways(session: TestSession, request: typeof viewer, signal: AbortSignal) {
  const answers: { status: number; code: string | null; reason: unknown }[] = [];
  const client = await openTunnel(session, LINEAR);
  while (!signal.aborted) {
    client.write(requestText(LINEAR, request));
    const response = await client.readResponse();
    const { code = null, reason = null } = response.json() as { code?: string; reason?: string };
    answers.push({ status: response.status, code, reason });
  }
  client.close();
  return answers;
}

describe('a change of policy or connectors', () => {
  it('drops no request in flight: each is answered by what one of the policies says', async () => {
    const streams: TLSSocket[] = [];
    const world = await start(async (made) => {
      const upstream = await startRawUpstream(ANTHROPIC, {
        onConnection: (socket) => {
          streams.push(socket);
          socket.once('data', () =>
            socket.write(
              'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n:\n\n\r\n',
            ),
          );
        },
      });
      closing.push(() => upstream.close());
      made.anthropicUpstream = upstream;
    });
    const session = await world.session();
    const stop = new AbortController();
    const stream = await openTunnel(session, ANTHROPIC);
    stream.write(requestText(ANTHROPIC, message(true)));
    await stream.read(1);
    const always = [viewer, viewer, viewer, teams, teams].map((request) => askAlways(session, request, stop.signal));
    for (let change = 1; change <= 20; change++) {
      const version = 1 + Math.ceil(change / 2);
      if (change % 2 === 1) {
        world.management.publishPolicy(await policyBundle(version, version % 2 === 0 ? [FORBID] : [HARMLESS]));
        await installed(world, 'policy', version);
      } else {
        const connectors = changedConnectors(['title: Linear', `title: Linear ${version}`]);
        world.management.publishConnectors(await connectorBundle(version, connectors));
        await installed(world, 'connector', version);
      }
    }
    stop.abort();
    const answers = await Promise.all(always);
    const [reads, frozen] = [answers.slice(0, 3).flat(), answers.slice(3).flat()];
    expect(reads.length).toBeGreaterThan(60);
    expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
    expect(frozen.filter(({ status, code }) => status !== 200 && code !== 'POLICY_DENIED')).toEqual([]);
    expect(new Set(frozen.map(({ status }) => status))).toEqual(new Set([200, 403]));
    expect(stream.socket.destroyed).toBe(false);
    for (const socket of streams) socket.write('3\r\n:\n\n\r\n0\r\n\r\n');
    await until(async () => (await stream.read(1)).length > 0);
    stream.close();
  });

  it('takes an operation that changed, or is gone, out of what runs and waits', async () => {
    const world = await start();
    const session = await world.session();
    const held = send(session, LINEAR, createIssue('changed'));
    await pendingApproval(world, session);
    const changed = changedConnectors(['title: Create an issue', 'title: Create something else']);
    world.management.publishConnectors(await connectorBundle(2, changed));
    await installed(world, 'connector', 2);
    const [approval] = world.management.approvals.keys();
    await world.management.decide(approval ?? '', keys.device.signing, 'approve');
    expect((await held).json()).toMatchObject({ code: 'OPERATION_UNKNOWN', reason: 'connector-changed' });
    expect(world.linear.issues.filter(({ title }) => title === 'changed')).toHaveLength(0);
  });
});

describe('what a proxy once accepted', () => {
  const file = (world: TestWorld) => join(world.directory, 'data', 'bundle-versions.json');
  const refusedReasons = async (world: TestWorld) =>
    (await world.records())
      .filter(({ kind, event }) => kind === 'policy' && event === 'refused')
      .map(({ reason }) => reason);

  it('is not undone by a restart: an older policy and other connectors of the same number are refused', async () => {
    const world = await start();
    const session = await world.session();
    expect((await send(session, LINEAR, teams)).status).toBe(200);
    const old = await policyBundle(2);
    world.management.publishPolicy(await policyBundle(3, [FORBID]));
    await installed(world, 'policy', 3);
    expect((await stat(file(world))).mode & 0o777).toBe(0o600);
    await world.proxy.stop();
    const current = world.management.policyBundle;
    world.management.policyBundle = old;
    await world.startProxy();
    await until(async () => (await refusedReasons(world)).length === 1);
    expect(await refusedReasons(world)).toEqual([expect.stringContaining('not-newer')]);
    expect(world.proxy.serving).toBe(false);
    await until(() => existsSync(session.socketPath));
    await expect(openTunnel(session, LINEAR)).rejects.toThrow(/503.*ENFORCEMENT_UNAVAILABLE/);
    world.management.publishPolicy(await policyBundle(3, [HARMLESS]));
    await until(async () => (await refusedReasons(world)).length === 2);
    world.management.publishPolicy(current);
    await until(() => world.proxy.serving);
    expect((await send(session, LINEAR, teams)).json()).toMatchObject({ code: 'POLICY_DENIED' });
    world.management.publishConnectors(await connectorBundle(1, changedConnectors(['title: Linear', 'title: Other'])));
    await until(async () => (await refusedReasons(world)).length === 3);
  });

  it.each([
    ['cut', '{"v":1,"tenantId":"ten_lo'],
    ['empty', ''],
    ['of another tenant', '{"v":1,"tenantId":"ten_other","policy":null,"connector":null}'],
    ['of a later format', '{"v":2,"tenantId":"ten_local","policy":null,"connector":null}'],
  ])('is not forgotten because its file is %s: the start is refused, and says what to do', async (_, content) => {
    const world = await start();
    await world.proxy.stop();
    await writeFile(file(world), content);
    await expect(world.startProxy()).rejects.toMatchObject({
      code: 'ROLLBACK_STATE_BROKEN',
      details: { path: file(world) },
      definition: { action: expect.stringContaining('Restore the named file') },
    });
    await writeFile(file(world), '{"v":1,"tenantId":"ten_local","policy":null,"connector":null}');
    await world.startProxy();
    await until(() => world.proxy.serving);
  });

  it('is in force though its file cannot be written, and is written when it can', async () => {
    const world = await start();
    const session = await world.session();
    await until(() => existsSync(file(world)));
    await rm(file(world));
    await mkdir(file(world));
    world.management.publishPolicy(await policyBundle(2, [FORBID]));
    await until(async () => (await send(session, LINEAR, teams)).status === 403);
    expect(world.logLines.join('')).toContain('bundle.version-lost');
    await rmdir(file(world));
    world.management.publishPolicy(await policyBundle(3, [FORBID]));
    await until(() => existsSync(file(world)));
    const stored = JSON.parse(await readFile(file(world), 'utf8')) as { policy: { version: number } };
    expect(stored.policy.version).toBe(3);
  });
});
