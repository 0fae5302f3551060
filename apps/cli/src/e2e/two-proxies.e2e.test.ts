import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decideApproval } from '../approvals/decide-approval.js';
import { ensureSigningKey } from '../home/home-keys.js';
import { unlockSessions } from '../vault/unlock-sessions.js';
import { type AgentSession, eventually, randomName } from './running-service.fixture.js';
import { createBy, LEASE_SECONDS, readBy, streamBy, TwoProxies } from './two-proxies.fixture.js';

let two: TwoProxies;
let session: AgentSession;
beforeAll(async () => {
  two = await TwoProxies.start();
}, 120_000);
afterAll(() => two.close(), 60_000);

const both = () => [two.a.port, two.b.port];
const streamsOnBoth = () => Promise.all(both().map((port) => streamBy(port, session)));

/** How long both streams lasted. */
async function cutsBoth(revoke: () => Promise<unknown>): Promise<number> {
  const streams = await streamsOnBoth();
  const from = performance.now();
  const ended = Promise.all(streams.map((client) => client.ended()));
  await revoke();
  await ended;
  return performance.now() - from;
}

/** The promise is a second; of five tries one has to keep it, since a busy machine may be late where we are not. */
async function inASecond(attempt: () => Promise<number>): Promise<void> {
  const took: number[] = [];
  do took.push(await attempt());
  while (took.at(-1)! >= 1_000 && took.length < 5);
  expect(Math.min(...took)).toBeLessThan(1_000);
}

/** How long it takes until both answer so. */
async function bothAnswer(code: string | undefined): Promise<number> {
  const from = performance.now();
  const codes = async () => (await Promise.all(both().map((port) => readBy(port, session)))).map((each) => each.code);
  await eventually(async () => (await codes()).every((each) => each === code), 20_000);
  return performance.now() - from;
}

async function approvePending(): Promise<void> {
  const pending = async () => (await two.api.listApprovals({ state: 'pending' })).approvals;
  await eventually(async () => (await pending()).length > 0);
  const [approval] = await pending();
  await decideApproval({
    api: two.api,
    deviceKey: await ensureSigningKey(two.home, 'device'),
    approval: approval!,
    decision: { decision: 'approve', approver: 'usr_local', reason: null },
    now: new Date(),
  });
}

const unlock = () => unlockSessions({ api: two.api, home: two.home, passphrase: two.passphrase, now: new Date() });

async function reloadPolicy(): Promise<void> {
  const headers = { authorization: `Bearer ${two.ground.token}`, 'content-type': 'application/json' };
  const answer = await fetch(new URL('/v1/policy/reload', two.url), { method: 'POST', headers, body: '{}' });
  expect(answer.status).toBe(200);
}

describe('two proxies behind one address', () => {
  it('serve one session alike, each with records of its own', async () => {
    session = await two.startSession();
    const answers = await Promise.all(Array.from({ length: 10 }, () => readBy(two.balancer.port, session)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await eventually(async () => (await two.api.auditStreams()).streams.length === 2);
    const { streams } = await two.api.auditStreams();
    await eventually(async () => {
      const exports = await Promise.all(streams.map(({ streamId }) => two.api.exportAudit(streamId)));
      const counts = exports.map((text) => text.split('"kind":"outcome"').length - 1);
      return counts.every((count) => count > 0) && counts.reduce((sum, count) => sum + count) === 10;
    });
  }, 30_000);

  it('hold an approval that was asked at one and is used at the other, once', async () => {
    const title = randomName();
    const before = two.mutations;
    expect((await createBy(two.a.port, session, title)).status).toBe(428);
    await approvePending();
    expect(await createBy(two.b.port, session, title)).toMatchObject({ status: 200 });
    expect(two.mutations).toBe(before + 1);
    expect((await two.api.listApprovals({ state: 'consumed' })).approvals).toHaveLength(1);
    const again = await Promise.all(both().map((port) => createBy(port, session, title)));
    expect(again.map(({ status }) => status)).toEqual([428, 428]);
    expect(two.mutations).toBe(before + 1);
  }, 30_000);

  it('send an approved request once, though both get it at the same time', async () => {
    const title = randomName();
    const before = two.mutations;
    expect((await createBy(two.b.port, session, title)).status).toBe(428);
    const pending = (await two.api.listApprovals({ state: 'pending' })).approvals;
    expect(pending.length).toBeGreaterThan(0);
    for (const _ of pending) await approvePending();
    const many = await Promise.all([...both(), ...both(), ...both()].map((port) => createBy(port, session, title)));
    expect(many.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(two.mutations).toBe(before + 1);
  }, 30_000);

  it('both enforce a new policy within a second, and the one before it when it is back', async () => {
    const file = join(two.home.policyDirectory, 'freeze.cedar');
    mkdirSync(two.home.policyDirectory, { recursive: true });
    await inASecond(async () => {
      writeFileSync(file, '@id("freeze") forbid (principal, action == Action::"linear.list_teams", resource);');
      await reloadPolicy();
      const refused = await bothAnswer('POLICY_DENIED');
      rmSync(file);
      await reloadPolicy();
      return Math.max(refused, await bothAnswer(undefined));
    });
  }, 120_000);

  it('both cut their streams within a second when the vault is locked, and serve again once it is unlocked', async () => {
    await inASecond(async () => {
      const cut = await cutsBoth(() => two.api.revokeLease(session.sessionId));
      for (const port of both())
        expect(await readBy(port, session)).toMatchObject({ status: 503, code: 'LEASE_MISSING' });
      expect(await unlock()).toContain(session.sessionId);
      for (const port of both()) expect((await readBy(port, session)).status).toBe(200);
      return cut;
    });
  }, 120_000);

  it('keep the session when one of them is started anew', async () => {
    await two.b.part.stop();
    expect((await readBy(two.a.port, session)).status).toBe(200);
    two.b = await two.startProxy('b', two.ground.cable.port, two.b.port);
    await eventually(async () => (await readBy(two.b.port, session).catch(() => null))?.status === 200);
  }, 60_000);

  it('that is cut off from the management plane stops when its lease runs out; the other goes on', async () => {
    const [a, b] = await streamsOnBoth();
    const from = performance.now();
    two.ground.cable.stall();
    await b!.ended();
    const after = performance.now() - from;
    expect(after).toBeGreaterThan(LEASE_SECONDS * 250);
    expect(after).toBeLessThan(LEASE_SECONDS * 1_000 + 5_000);
    expect(await readBy(two.b.port, session)).toMatchObject({ status: 503, code: 'ENFORCEMENT_UNAVAILABLE' });
    expect((await readBy(two.a.port, session)).status).toBe(200);
    expect(a!.socket.destroyed).toBe(false);
    a!.close();
    two.ground.cable.resume();
    await eventually(async () => (await readBy(two.b.port, session)).status === 200, 20_000);
  }, 60_000);

  it('both cut their streams within a second when the session ends, and know its token no more', async () => {
    await inASecond(async () => {
      const cut = await cutsBoth(() => two.api.endSession(session.sessionId));
      for (const port of both())
        expect(await readBy(port, session)).toMatchObject({ status: 407, code: 'PROXY_AUTHENTICATION_REQUIRED' });
      session = await two.startSession();
      return cut;
    });
  }, 120_000);
});
