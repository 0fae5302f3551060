import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@aileron/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, ServicesFixture } from '../mgmt-plane.fixture.js';
import { type DataPlaneEvent, DataPlaneService } from './data-plane.service.js';

let services: ServicesFixture;
let stop: AbortController;

beforeAll(async () => {
  services = await ServicesFixture.start();
});

afterAll(async () => {
  await services.stop();
});

beforeEach(() => {
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
});

/** A proxy that listens, and everything it heard. */
const listen = async () => {
  const heard: DataPlaneEvent[] = [];
  const listening = (async () => {
    for await (const event of services.dataPlane.watch(stop.signal)) heard.push(event);
  })();
  const kinds = () => heard.map((event) => event.kind);
  const asleep = () => eventually(async () => services.time.waiting > 0);
  await eventually(async () => heard.length === 1);
  return { heard, kinds, asleep, listening };
};

describe('watch', () => {
  it('sends a heartbeat at least every 15 seconds', async () => {
    const { kinds, asleep } = await listen();
    for (let beats = 1; beats <= 3; beats += 1) {
      await asleep();
      services.time.advance(14_999);
      await eventually(async () => kinds().filter((kind) => kind === 'heartbeat').length === beats);
    }
  });

  it('tells of a session that somebody ended in the database behind our back, before the next heartbeat', async () => {
    const { session } = await services.activeSession();
    const { heard, asleep } = await listen();
    await asleep();
    const sql = `UPDATE mgmt.session SET state = 'ended', ended_at = now() WHERE session_id = $1`;
    await services.sql(sql, [session.sessionId]);
    services.time.advance(10_000);
    await eventually(async () => heard.at(-1)?.kind === 'heartbeat');
    expect(heard.at(-2)).toMatchObject({ kind: 'session', session: { sessionId: session.sessionId, state: 'ended' } });
  });

  it('tells that a session was unlocked and locked, each as it happens', async () => {
    const { session } = await services.activeSession();
    const { heard } = await listen();
    const until = new Date(services.time.now() + 60_000);
    await services.sessions.unlocked(session, until);
    await eventually(async () => heard.length === 2);
    const { sessionId } = session;
    expect(heard[1]).toMatchObject({ kind: 'session', session: { sessionId, unlockedUntil: until, lockedAt: null } });
    await services.sessions.locked(session);
    await eventually(async () => heard.length === 3);
    const lockedAt = new Date(services.time.now());
    expect(heard[2]).toMatchObject({ kind: 'session', session: { sessionId, unlockedUntil: null, lockedAt } });
  });

  it('names the lease, and beats four times within a short one', async () => {
    const short = new DataPlaneService(
      { proxyLeaseSeconds: 4 },
      services.time,
      createLogger({ service: 'test', level: 'silent' }),
      services.identity,
      services.sessionRows,
      services.bundles,
      services.changes,
    );
    const events = short.watch(stop.signal);
    expect((await events.next()).value).toMatchObject({ kind: 'snapshot', leaseSeconds: 4 });
    for (let beats = 0; beats < 4; beats += 1) {
      const waiting = services.time.waiting;
      const next = events.next();
      await eventually(async () => services.time.waiting > waiting);
      services.time.advance(1_000);
      expect((await next).value).toMatchObject({ kind: 'heartbeat' });
    }
    await events.return(undefined);
  });

  it('tells of a new policy, and not again of what is known', async () => {
    const { heard, kinds, asleep } = await listen();
    const { policyDirectory } = services.fixture.config;
    await mkdir(policyDirectory, { recursive: true });
    await writeFile(
      join(policyDirectory, 'extra.cedar'),
      '@id("extra")\nforbid (principal, action == Action::"linear.create_comment", resource);',
    );
    const { version } = await services.bundles.reloadPolicy();
    await eventually(async () => heard.length === 2);
    expect(heard[1]).toMatchObject({ kind: 'bundles', changed: { policy: { version } } });
    expect(heard[1]).not.toHaveProperty('changed.connector');
    await services.bundles.reloadPolicy();
    await asleep();
    services.time.advance(10_000);
    await eventually(async () => heard.length === 3);
    expect(kinds()).toEqual(['snapshot', 'bundles', 'heartbeat']);
  });

  it('is silent while the database is gone, so that leases run out, and goes on when it is back', async () => {
    const { kinds, asleep } = await listen();
    await asleep();
    process.kill(services.postgres.server.pid!, 'SIGKILL');
    await eventually(async () =>
      services.sessionRows.listAlive('ten_local').then(
        () => false,
        () => true,
      ),
    );
    for (let second = 0; second < 30; second += 1) {
      await asleep();
      services.time.advance(1_000);
    }
    expect(kinds()).toEqual(['snapshot']);
    await services.postgres.server.start();
    await eventually(async () => {
      services.time.advance(1_000);
      return kinds().includes('heartbeat');
    });
  });

  it('ends when the proxy goes, and leaves nothing behind', async () => {
    const before = services.time.waiting;
    const { listening } = await listen();
    stop.abort();
    await listening;
    expect(services.time.waiting).toBe(before);
  });
});
