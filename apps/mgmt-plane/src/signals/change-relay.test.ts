import { createLogger } from '@aileron/telemetry';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { systemTimer } from '../adapters/system-timer.js';
import { MgmtDatabase } from '../database/mgmt-database.js';
import { FakeTime } from '../fake-time.fixture.js';
import { eventually } from '../mgmt-plane.fixture.js';
import { ChangeNoticesRepository } from './change-notices.repository.js';
import { ChangeRelay } from './change-relay.js';
import { ChangeSignal, type Subscription } from './change-signal.js';

let postgres: TestDatabase;
beforeAll(async () => {
  postgres = await testDatabase();
});
afterAll(async () => {
  await postgres.drop();
});
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

const log = createLogger({ service: 'test', level: 'silent' });

/** A process of the service; those who wait in it wait for ever, unless somebody tells them. */
async function process() {
  const changes = new ChangeSignal(new FakeTime());
  const config = { databaseUrl: postgres.mgmtUrl };
  const database = new MgmtDatabase(config as never);
  const relay = new ChangeRelay(systemTimer, log, new ChangeNoticesRepository(config, database), changes);
  relay.onApplicationBootstrap();
  ending.push(async () => {
    await relay.onModuleDestroy();
    await database.onApplicationShutdown();
  });
  await eventually(async () => relay.listening);
  return { changes, relay };
}

const heardBy = (subscription: Subscription) => subscription.next({ timeoutMs: 3_600_000 });

async function administer(text: string, values: unknown[] = []) {
  const client = new Client({ connectionString: postgres.adminUrl });
  await client.connect();
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

describe('what changed in one process', () => {
  it('is heard in the others, and once in its own', async () => {
    const [a, b] = [await process(), await process()];
    const [own, other, unrelated] = [
      a.changes.subscribe('sessions'),
      b.changes.subscribe('sessions', 'vaults'),
      b.changes.subscribe('approvals'),
    ];
    a.changes.notify('sessions', 'vaults');
    expect(await heardBy(own)).toEqual(new Set(['sessions']));
    expect(await heardBy(other)).toEqual(new Set(['sessions', 'vaults']));
    b.changes.notify('approvals');
    expect(await heardBy(unrelated)).toEqual(new Set(['approvals']));
  });

  it('is heard whole, however much changes at once', async () => {
    const [a, b] = [await process(), await process()];
    const topics = Array.from({ length: 500 }, (_, i) => `session:ses_${i}`);
    const waiting = topics.map((topic) => heardBy(b.changes.subscribe(topic)));
    for (const topic of topics) a.changes.notify(topic);
    await Promise.all(waiting);
  });

  it('is heard again after the connection was lost, and everybody looks then', async () => {
    const [a, b] = [await process(), await process()];
    const waiting = b.changes.subscribe('sessions');
    await administer(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'aileron-mgmt-plane-changes'`,
    );
    expect(await heardBy(waiting)).toEqual(new Set(['sessions']));
    await eventually(async () => a.relay.listening && b.relay.listening);
    a.changes.notify('sessions');
    await heardBy(waiting);
  });

  it('is not what somebody else says on the channel', async () => {
    const { changes } = await process();
    const waiting = changes.subscribe('sessions', 'last');
    for (const payload of [
      '',
      '{',
      '[]',
      '{"from":1}',
      JSON.stringify({ from: 'x', topics: Array(51).fill('sessions') }),
    ])
      await administer('SELECT pg_notify($1, $2)', ['aileron_mgmt_changes', payload]);
    await administer('SELECT pg_notify($1, $2)', ['aileron_mgmt_changes', '{"from":"x","topics":["last"]}']);
    expect(await heardBy(waiting)).toEqual(new Set(['last']));
  });
});
