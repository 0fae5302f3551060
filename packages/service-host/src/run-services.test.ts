import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { DescService } from '@bufbuild/protobuf';
import { ApprovalService, DecryptService, LeaseService, VaultStoreService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { ApprovalFixture } from './approvals.fixture.js';
import type { CallContext } from './call-context.js';
import { GrpcTransport } from './grpc-transport.js';
import { log, platform } from './http.fixture.js';
import { runService } from './run-service.js';
import { runServices, type RunningServices } from './run-services.js';
import { serviceToRun } from './running-service.js';
import { clientToken, type ServiceDefinition } from './service-definition.js';
import type { Client, ServiceImpl } from './service-impl.js';
import { socketPath, VERSION } from './wirings.fixture.js';

const Empty = z.object({});
const events: string[] = [];

interface Part {
  readonly name: string;
  readonly version?: string;
  readonly needs?: readonly DescService[];
  readonly serves?: { readonly service: DescService; readonly implementation: object };
  /** What it does when it starts, with its clients. */
  readonly onStart?: (clients: ReadonlyMap<DescService, Client<DescService>>) => Promise<void>;
}

/** A service of one provider, which writes down when it starts and ends. */
function part({ name, version = VERSION, needs = [], serves, onStart }: Part): ServiceDefinition<object> {
  const clients = new Map<DescService, Client<DescService>>();
  class Worker implements OnApplicationBootstrap, OnModuleDestroy {
    constructor(...injected: Client<DescService>[]) {
      needs.forEach((service, index) => clients.set(service, injected[index]!));
    }
    async onApplicationBootstrap() {
      await onStart?.(clients);
      events.push(`${name} started`);
    }
    onModuleDestroy() {
      events.push(`${name} ended`);
    }
  }
  Injectable()(Worker);
  needs.forEach((service, index) => Inject(clientToken(service))(Worker, undefined, index));
  class PartModule {}
  const provided = serves === undefined ? [] : [{ provide: serves.service.typeName, useValue: serves.implementation }];
  Module({ providers: [Worker, ...provided] })(PartModule);
  return {
    name,
    version,
    config: Empty,
    module: () => PartModule,
    needs,
    ...(serves === undefined ? {} : { grpc: [{ service: serves.service, provider: serves.service.typeName }] }),
  };
}

async function run(parts: readonly ServiceDefinition<object>[]): Promise<RunningServices> {
  events.length = 0;
  return runServices(
    parts.map((definition) => serviceToRun(definition, {})),
    { platform },
  );
}

const store = (seen: CallContext[] = []): Partial<ServiceImpl<typeof VaultStoreService>> => ({
  getVault: async (_, context) => (seen.push(context), { files: [] }),
  getUser: async () => ({ content: Buffer.from('user') }),
});
const lease = (answer: () => Promise<object>) => ({
  getServiceKey: answer,
  deliverLease: answer,
  revokeLease: answer,
  getLeaseStatus: answer,
});

describe('services in one process', () => {
  it('may need each other, and know who calls', async () => {
    const seen: CallContext[] = [];
    const mgmt = part({
      name: 'mgmt',
      needs: [LeaseService],
      serves: { service: VaultStoreService, implementation: store(seen) },
    });
    const credential = part({
      name: 'credential',
      needs: [VaultStoreService],
      serves: { service: LeaseService, implementation: lease(async () => ({})) },
      onStart: async (clients) =>
        void (await (clients.get(VaultStoreService) as Client<typeof VaultStoreService>).getVault({})),
    });
    const running = await run([mgmt, credential]);
    expect(running.isReady()).toBe(true);
    expect(seen.map(({ peer }) => peer)).toEqual(['credential']);
    await running.close();
  });

  it('wait for one another to be ready, whatever the order', async () => {
    const released = Promise.withResolvers<void>();
    const slow = part({
      name: 'slow',
      serves: { service: VaultStoreService, implementation: store() },
      onStart: async () => {
        await released.promise;
      },
    });
    const eager = part({
      name: 'eager',
      needs: [VaultStoreService],
      onStart: async (clients) => {
        const call = (clients.get(VaultStoreService) as Client<typeof VaultStoreService>).getVault({});
        setImmediate(() => released.resolve());
        await call;
      },
    });
    for (const order of [
      [slow, eager],
      [eager, slow],
    ]) {
      const running = await run(order);
      expect(events).toEqual(['slow started', 'eager started']);
      await running.close();
    }
  });

  it('close in reverse, once, and then refuse', async () => {
    const running = await run([
      part({ name: 'first', serves: { service: ApprovalService, implementation: new ApprovalFixture() } }),
      part({ name: 'second', needs: [ApprovalService] }),
    ]);
    const { context } = running.service('second');
    const client = context.get<Client<typeof ApprovalService>>(clientToken(ApprovalService));
    await client.consume({});
    await Promise.all([running.close(), running.close()]);
    expect(events.slice(-2)).toEqual(['second ended', 'first ended']);
    expect(running.isReady()).toBe(false);
    await expect(client.consume({})).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { service: 'first' } });
  });

  it('let calls in flight end, and end streams, before their context goes', async () => {
    const held = Promise.withResolvers<void>();
    const approvals = Object.assign(new ApprovalFixture(), {
      consume: async () => {
        await held.promise;
        events.push('call ended');
        return {};
      },
    });
    const running = await run([
      part({ name: 'one', serves: { service: ApprovalService, implementation: approvals } }),
      part({ name: 'two', needs: [ApprovalService] }),
    ]);
    const client = running.service('two').context.get<Client<typeof ApprovalService>>(clientToken(ApprovalService));
    const call = client.consume({});
    const stream = client.watch({ approvalId: 'then-silent' })[Symbol.asyncIterator]();
    await stream.next();
    const waiting = stream.next().catch((error: unknown) => error);
    await approvals.entered.promise;
    const closing = running.service('one').close();
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' });
    held.resolve();
    await call;
    await closing;
    expect(events.slice(-2)).toEqual(['call ended', 'one ended']);
    await running.close();
  });

  it('that cannot start end what had started', async () => {
    const failing = run([
      part({ name: 'good' }),
      part({ name: 'bad', onStart: () => Promise.reject(new AileronError('DATABASE_UNAVAILABLE', { host: 'h' })) }),
    ]);
    await expect(failing).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', details: { host: 'h' } });
    expect(events).toContain('good ended');
  });

  it('that cannot be made end what had been made', async () => {
    const lacking = part({ name: 'lacking', serves: { service: DecryptService, implementation: {} } });
    await expect(run([part({ name: 'good' }), lacking])).rejects.toThrow(/lacks resolve/);
    expect(events).toEqual(['good ended']);
    const twice = () =>
      part({ name: 'twice', serves: { service: ApprovalService, implementation: new ApprovalFixture() } });
    await expect(run([twice(), twice()])).rejects.toThrow(/is served twice/);
  });

  it('of versions too far apart refuse each other', async () => {
    const running = await run([
      part({
        name: 'new',
        version: '0.3.0',
        serves: { service: ApprovalService, implementation: new ApprovalFixture() },
      }),
      part({ name: 'old', version: '0.1.0', needs: [ApprovalService] }),
    ]);
    const client = running.service('old').context.get<Client<typeof ApprovalService>>(clientToken(ApprovalService));
    await expect(client.consume({})).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      details: { own: '0.3.0', peer: '0.1.0' },
    });
    await running.close();
  });

  it('log a fault in the name of the service that has it', async () => {
    const running = await run([
      part({ name: 'server', serves: { service: ApprovalService, implementation: new ApprovalFixture() } }),
      part({ name: 'caller', needs: [ApprovalService] }),
    ]);
    log.lines.length = 0;
    const client = running.service('caller').context.get<Client<typeof ApprovalService>>(clientToken(ApprovalService));
    await expect(client.request({ rule: 'unknown' })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(log.lines.map((line) => (JSON.parse(line) as { service: string }).service)).toEqual(
      expect.arrayContaining(['server']),
    );
    expect(log.text()).toContain('"peer":"caller"');
    await running.close();
  });

  it('that nobody serves are unavailable', async () => {
    const running = await run([part({ name: 'alone', needs: [ApprovalService] })]);
    const client = running.service('alone').context.get<Client<typeof ApprovalService>>(clientToken(ApprovalService));
    await expect(client.consume({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(() => running.service('nobody')).toThrow(AileronError);
    await running.close();
  });
});

describe('services apart', () => {
  it('are the same, over a socket', async () => {
    const address = `unix:${socketPath()}`;
    const serving = part({
      name: 'server',
      serves: { service: ApprovalService, implementation: new ApprovalFixture() },
    });
    const server = await runService(serviceToRun(serving, {}), { platform, grpc: { address } });
    const transport = new GrpcTransport({ address });
    const calling = part({ name: 'caller', needs: [ApprovalService] });
    const caller = await runService(serviceToRun(calling, {}), { platform, remote: () => transport });
    const client = caller.service('caller').context.get<Client<typeof ApprovalService>>(clientToken(ApprovalService));
    expect(await client.request({})).toMatchObject({ approvalId: 'apr_1' });
    await expect(runService(serviceToRun(serving, {}), { platform, grpc: { address } })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    await caller.close();
    await server.close();
    await expect(client.request({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    transport.close();
  });
});
