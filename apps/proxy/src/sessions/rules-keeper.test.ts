import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type OperationMatcher } from '@aileron/connectors';
import { AileronError } from '@aileron/errors';
import { importVerifyingKey } from '@aileron/vault';
import { type ConnectorsInForce } from '../match/connectors-in-force.js';
import { keys, policyBundle, connectorBundle } from '../proxy.fixture.js';
import { selfTest } from '../self-test.js';
import { BundleVersions } from './bundle-versions.js';
import { type BundleEvent } from './signed-bundle.holder.js';
import { RulesKeeper } from './rules-keeper.js';

const folder = await mkdtemp(join(tmpdir(), 'aprk-'));
const admins = [await importVerifyingKey(keys.admin.stored)];
const signed = (envelope: Uint8Array) => ({ tenantId: 'ten_local', version: 1, envelope });

const newPath = () => join(folder, `${randomUUID()}.json`);

async function makeKeeper(test: typeof selfTest = selfTest, path = newPath()) {
  const events: BundleEvent[] = [];
  const tests: (string | null)[] = [];
  const faults: string[] = [];
  const keeper = new RulesKeeper({
    tenantId: 'ten_local',
    admins,
    versions: await BundleVersions.open(path, 'ten_local'),
    onFault: (event) => void faults.push(event),
    selfTest: test,
    onBundle: async (event) => void events.push(event),
    onSelfTest: async (failure) => void tests.push(failure?.code ?? null),
  });
  return { keeper, events, tests, faults };
}

const both = async (version: number) => ({
  connector: signed(await connectorBundle(version)),
  policy: signed(await policyBundle(version)),
});

describe('RulesKeeper', () => {
  it('puts rules in force once both bundles are there and the self-test passed', async () => {
    const { keeper, tests } = await makeKeeper();
    expect(() => keeper.current).toThrow(expect.objectContaining({ code: 'ENFORCEMENT_UNAVAILABLE' }));
    const { connector, policy } = await both(1);
    expect(await keeper.install({ connector, policy: null })).toBe(false);
    expect(keeper.inForce).toBe(false);
    expect(await keeper.install({ connector: null, policy })).toBe(true);
    expect(keeper.current.policy.version).toBe(1);
    expect(tests).toEqual([null]);
    expect(await keeper.install({ connector, policy })).toBe(false);
  });

  it('takes rules that fail the self-test out of force, and puts them back when they pass', async () => {
    let broken = false;
    const { keeper, tests } = await makeKeeper(async (rules) => {
      if (broken) throw new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'self-test: scrubbing' });
      await selfTest(rules);
    });
    await keeper.install(await both(1));
    broken = true;
    expect(await keeper.prove()).toBe(true);
    expect(() => keeper.current).toThrow(expect.objectContaining({ code: 'ENFORCEMENT_UNAVAILABLE' }));
    broken = false;
    expect(await keeper.prove()).toBe(true);
    expect(keeper.inForce).toBe(true);
    expect(tests).toEqual([null, 'ENFORCEMENT_UNAVAILABLE', null]);
  });

  it('keeps what it has when a bundle is older, of another tenant, or not signed by an administrator', async () => {
    const { keeper, events } = await makeKeeper();
    await keeper.install(await both(3));
    const refused = [
      await policyBundle(2),
      await policyBundle(3),
      await policyBundle(4, [], keys.device.signing),
      Buffer.from('{}'),
      Buffer.from('x'),
    ];
    for (const envelope of refused) await keeper.install({ connector: null, policy: signed(envelope) });
    expect(keeper.current.policy.version).toBe(3);
    expect(events.filter(({ event }) => event === 'refused')).toHaveLength(refused.length);
    const last = refused.at(-1) ?? new Uint8Array();
    await keeper.install({ connector: null, policy: signed(last) });
    expect(events.filter(({ event }) => event === 'refused')).toHaveLength(refused.length);
  });
});

describe('the self-test', () => {
  it('passes for the rules that ship, and fails for a matcher that lets everything pass', async () => {
    const { keeper } = await makeKeeper();
    await keeper.install(await both(1));
    const { current } = keeper;
    await selfTest(current);
    const viewer = { path: '/graphql', method: 'POST', body: Buffer.from('{"query":"{ viewer { id } }"}') };
    const head = {
      host: 'api.linear.app',
      port: 443,
      query: [],
      headers: [['content-type', 'application/json']],
    } as const;
    const { matcher } = current.connectors;
    const open: Pick<OperationMatcher, 'match' | 'resolve' | 'ownsHost'> = {
      ownsHost: () => true,
      match: () => matcher.match({ ...head, ...viewer }),
      resolve: () => matcher.resolve({ ...head, ...viewer }),
    };
    const connectors = Object.assign(Object.create(current.connectors) as ConnectorsInForce, { matcher: open });
    await expect(selfTest({ ...current, connectors })).rejects.toMatchObject({
      code: 'ENFORCEMENT_UNAVAILABLE',
      details: { touched: ['resolve'] },
    });
  });
});
