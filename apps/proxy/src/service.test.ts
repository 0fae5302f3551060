import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ApprovalService, AuditService, DataPlaneService, DecryptService } from '@aileron/contracts/grpc';
import { runServices, type ServiceDefinition, serviceToRun } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { CredentialStore, Management } from './management.fixture.js';
import { connectorBundle, keys, policyBundle, until } from './proxy.fixture.js';
import { proxy } from './service.js';

class Others {}
Module({})(Others);

/** The services that the proxy needs, as definitions of another part. */
function others(management: Management, credentials: CredentialStore): ServiceDefinition<object> {
  const implementations = [
    { service: DataPlaneService, provider: 'data-plane', useValue: management.dataPlane },
    { service: ApprovalService, provider: 'approvals', useValue: management.approval },
    { service: AuditService, provider: 'audit', useValue: management.audit },
    { service: DecryptService, provider: 'decrypt', useValue: credentials.decrypt },
  ];
  return {
    name: 'others',
    version: proxy.version,
    config: z.object({}),
    module: () => ({
      module: Others,
      providers: implementations.map(({ provider, useValue }) => ({ provide: provider, useValue })),
    }),
    grpc: implementations.map(({ service, provider }) => ({ service, provider })),
  };
}

describe('the proxy as a service', () => {
  it('starts in a context of its own over the contract, serves a session, and stops in order', async () => {
    const [management, credentials] = [new Management(), new CredentialStore()];
    management.policyBundle = await policyBundle(1);
    management.connectorBundle = await connectorBundle(1);
    const directory = await mkdtemp(join(tmpdir(), 'aps-'));
    const logger = createLogger({ service: 'test', level: 'silent' });
    const config = {
      proxyId: 'prx_test',
      dataDirectory: join(directory, 'data'),
      socketRoot: join(directory, 'run'),
      adminKeys: [keys.admin.stored],
      deviceKeys: [],
      auditSigningKey: keys.audit.stored,
    };
    const running = await runServices(
      [serviceToRun(others(management, credentials), {}), serviceToRun(proxy, config)],
      {
        platform: (service) => ({ logger, metrics: createMetrics(service), clock: { now: () => Date.now() } }),
      },
    );
    const { sessionId } = management.startSession({ agentToken: 'agt_1' });
    await until(() => management.reports.length === 1);
    const [report] = management.reports;
    expect(report).toMatchObject({ sessionId, outcome: { case: 'ready' } });
    const outcome = report?.outcome as { value: { runtimeDirectory: string } } | undefined;
    const runtimeDirectory = outcome?.value.runtimeDirectory ?? '';
    expect(existsSync(join(runtimeDirectory, 'proxy.sock'))).toBe(true);
    await running.close();
    expect(existsSync(join(runtimeDirectory, 'proxy.sock'))).toBe(false);
    const last = JSON.parse(Buffer.from(management.auditLines.at(-1) ?? []).toString()) as unknown;
    expect(last).toMatchObject({ kind: 'checkpoint' });
  });

  it('does not start with a configuration that could not be kept', () => {
    const good = {
      proxyId: 'prx_1',
      dataDirectory: '/d',
      socketRoot: '/s',
      adminKeys: [keys.admin.stored],
      deviceKeys: [],
      auditSigningKey: keys.audit.stored,
    };
    expect(proxy.config.safeParse(good).success).toBe(true);
    const bad = [
      { adminKeys: [] },
      { proxyId: 'x' },
      { holdSeconds: -1 },
      { egress: 'allow' },
      { upstreamMaps: [] },
      { auditSigningKey: undefined },
    ];
    for (const change of bad) expect(proxy.config.safeParse({ ...good, ...change }).success).toBe(false);
  });
});
