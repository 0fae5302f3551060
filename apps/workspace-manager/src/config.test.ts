import { runServices, serviceToRun } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { describe, expect, it } from '@jest/globals';
import { workspaceManager } from './service.js';

const SETTINGS = {
  databaseUrl: 'postgres://none.invalid/none',
  queue: { databaseUrl: 'postgres://none.invalid/none' },
  localToken: 'x'.repeat(43),
  tenant: { tenantId: 'ten_local', name: 'local' },
  user: { userId: 'usr_local', name: 'Ada' },
  provisioners: [],
};

describe('the settings of workspace-manager', () => {
  it('refuse the start with the name of a platform domain that is none', async () => {
    const config = { ...SETTINGS, platformDomains: ['registry.npmjs.org', 'https://github.com'] };
    const starting = runServices([serviceToRun(workspaceManager, config)], {
      platform: (service) => ({
        logger: createLogger({ service, level: 'silent' }),
        metrics: createMetrics(service),
        clock: { now: () => Date.now() },
      }),
    });
    await expect(starting).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { fields: [expect.objectContaining({ field: expect.stringContaining('platformDomains.1') })] },
    });
  });
});
