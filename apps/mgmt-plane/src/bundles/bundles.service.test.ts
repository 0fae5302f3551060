import { generateSigningKey } from '@aileron/vault';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@aileron/telemetry';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MgmtPlaneConfig } from '../config.js';
import { ServicesFixture } from '../mgmt-plane.fixture.js';
import { BundlesRepository } from './bundles.repository.js';
import { BundlesService } from './bundles.service.js';
import { InstalledConnectors } from './installed-connectors.js';

let services: ServicesFixture;

let server: TestDatabase;

beforeAll(async () => {
  // Keeps the server of all these databases running.
  server = await testDatabase();
});

afterAll(() => server.drop());

beforeEach(async () => {
  services = await ServicesFixture.start();
});

afterEach(async () => {
  await services.stop();
});

const log = createLogger({ service: 'test', level: 'silent' });
const open = async (change: Partial<MgmtPlaneConfig> = {}) => {
  const config = { ...services.fixture.config, ...change };
  const repository = new BundlesRepository(services.database);
  const bundles = new BundlesService(
    config,
    services.time,
    log,
    new InstalledConnectors(),
    repository,
    services.changes,
  );
  await bundles.onModuleInit();
  return bundles;
};
const invalidPolicy = async () => {
  const { policyDirectory } = services.fixture.config;
  await mkdir(policyDirectory, { recursive: true });
  await writeFile(join(policyDirectory, 'x.cedar'), 'permit (principal, action, resource) when { context.nothing };');
};

describe('BundlesService', () => {
  it('counts up, whoever publishes, and signs anew under another key', async () => {
    const { version } = services.bundles.current.policy;
    expect((await open()).current.policy.version).toBe(version);
    const adminSigningKey = (await generateSigningKey()).stored;
    const [first, second] = await Promise.all([open({ adminSigningKey }), open({ adminSigningKey })]);
    expect(first.current.policy).toEqual(second.current.policy);
    expect(first.current.policy).toMatchObject({ version: version + 1, keyId: adminSigningKey.keyId });
  });

  it('starts on the last good policy when the files are invalid', async () => {
    await invalidPolicy();
    expect((await open()).current.policy).toEqual(services.bundles.current.policy);
  });

  it('does not start when the files are invalid and there is none that this administrator signed', async () => {
    await invalidPolicy();
    const adminSigningKey = (await generateSigningKey()).stored;
    await expect(open({ adminSigningKey })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    const tenant = { tenantId: 'ten_empty', name: 'empty' };
    await expect(open({ tenant })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  });
});
