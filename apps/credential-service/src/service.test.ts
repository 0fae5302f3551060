import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DecryptRequestSchema, DecryptService, LeaseService, VaultStoreService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import {
  createClient,
  GrpcServer,
  GrpcTransport,
  InProcessTransport,
  type RunningServices,
  runServices,
  type ServiceDefinition,
  type Transport,
} from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { canary, fakeClock, findCanary } from '@aileron/testing';
import { create } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import { DecryptGrpc } from './decrypt/decrypt.grpc.js';
import { credentialService } from './service.js';
import { config, makeVault, MemoryVaultStore, newId, sealFor, TENANT, USE } from './testing.fixture.js';
import { VERSION } from './version.js';

const store = new MemoryVaultStore();
const clock = fakeClock();
const logged: string[] = [];
const destination = new Writable({
  write: (chunk, _encoding, done) => {
    logged.push(String(chunk));
    done();
  },
});
const logger = createLogger({ service: 'test', level: 'debug', destination });
const metrics = createMetrics('credential-service');

/** The vault store's contract, served by a part of its own over the files of a test. */
const vaultStore: ServiceDefinition<object> = {
  name: 'mgmt-plane',
  version: VERSION,
  config: z.object({}),
  module: () => ({
    module: class VaultStoreModule {},
    providers: [
      {
        provide: 'store',
        useValue: {
          getVault: async (request: { tenantId: string; vaultId: string; unlessManifestSha256: string }) => {
            const files = await store.vault({ ...request, signal: new AbortController().signal });
            return {
              files: [...(files ?? [])].map(([path, content]) => ({ path, content })),
              unchanged: files === null,
            };
          },
          getUser: async () => ({ content: await store.user() }),
        },
      },
    ],
  }),
  grpc: [{ service: VaultStoreService, provider: 'store' }],
};

const running: RunningServices = await runServices(
  [
    { definition: vaultStore as ServiceDefinition<never>, config: {} as never },
    { definition: credentialService as unknown as ServiceDefinition<never>, config: config as never },
  ],
  { platform: () => ({ logger, metrics, clock }) },
);
const server = new GrpcServer(running.registry, { version: VERSION, logger });
const port = await server.listen('127.0.0.1:0');
afterAll(async () => {
  await running.close();
  await server.close();
});

const peer = (name: string): Transport =>
  new InProcessTransport(running.registry, { version: VERSION, logger, peer: name });
const leases = createClient(LeaseService, peer('mgmt-plane'), { version: VERSION });
const decrypt = createClient(DecryptService, peer('proxy'), { version: VERSION });

async function unlocked(secret = canary('linear').value) {
  const [made, sessionId] = [await makeVault(secret), newId('ses')];
  store.vaults.set(made.vaultId, made.files);
  const { envelope } = await leases.getServiceKey({});
  const sealedLease = await sealFor(envelope, { sessionId, now: new Date(clock.now()), vaults: [made] });
  const session = { tenantId: TENANT, sessionId };
  const delivered = await leases.deliverLease({ ...session, sealedLease });
  return { made, session, delivered, secret };
}

describe('credential-service over the in-process wiring', () => {
  it('takes a lease, resolves, decrypts, and forgets', async () => {
    const { made, session, delivered, secret } = await unlocked();
    const expiresAt = delivered.expiresAt;
    expect(expiresAt && timestampDate(expiresAt).getTime()).toBe(clock.now() + 3_600_000);
    expect(await leases.getLeaseStatus(session)).toMatchObject({ unlocked: true });
    const resolved = await decrypt.resolve({ ...session, ...USE });
    expect(resolved).toMatchObject({ vaultId: made.vaultId, credentialId: made.credentialId, credentialVersion: 1 });
    const { vaultId, credentialId, credentialVersion } = resolved;
    const order = { ...session, ...USE, vaultId, credentialId, credentialVersion };
    for (let i = 0; i < 3; i++) expect(Buffer.from((await decrypt.decrypt(order)).secret).toString()).toBe(secret);
    const elsewhere = decrypt.decrypt({ ...order, host: 'evil.example' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'CREDENTIAL_BINDING_REFUSED' });
    await leases.revokeLease(session);
    await leases.revokeLease(session);
    await expect(decrypt.decrypt(order)).rejects.toMatchObject({ code: 'LEASE_MISSING' });
    expect(await leases.getLeaseStatus(session)).toMatchObject({ unlocked: false });
    expect(await metrics.registry.metrics()).toMatch(/aileron_credential_decrypts_total\{code="ok",[^}]*\} 3/);
  });

  it('seals a state and opens it again', async () => {
    const { session } = await unlocked();
    const place = { ...session, purpose: 'session-ca' };
    const { sealed } = await decrypt.sealState({ ...place, plaintext: Buffer.from('a session CA') });
    expect(Buffer.from((await decrypt.unsealState({ ...place, sealed })).plaintext).toString()).toBe('a session CA');
    const other = decrypt.unsealState({ ...place, purpose: 'other', sealed });
    await expect(other).rejects.toMatchObject({ code: 'STATE_TAMPERED' });
  });

  it('overwrites a secret once its answer was encoded', async () => {
    const { made, session, secret } = await unlocked();
    const order = { ...session, ...USE, vaultId: made.vaultId, credentialId: made.credentialId, credentialVersion: 1 };
    const handler = running.service('credential-service').context.get(DecryptGrpc, { strict: false });
    const call = { peer: 'proxy', requestId: 'r', tenantId: undefined, signal: new AbortController().signal };
    const answer = await handler.decrypt(create(DecryptRequestSchema, order), call);
    expect(Buffer.from(answer.secret).toString()).toBe(secret);
    await nextTurn();
    expect([...answer.secret]).toEqual(Array.from({ length: secret.length }, () => 0));
  });

  it('names the fields of a malformed request and not their values', async () => {
    const { session } = await unlocked();
    const value = `not-an-id-${newId('x')}`;
    const asked = decrypt.decrypt({ ...session, ...USE, vaultId: value, credentialId: value, credentialVersion: 0 });
    const error: unknown = await asked.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const fields = (error as AileronError).fields.map(({ field }) => field);
    expect(fields.sort()).toEqual(['credentialId', 'credentialVersion', 'vaultId']);
    expect(JSON.stringify((error as AileronError).details)).not.toContain(value);
    await expect(decrypt.sealState({ ...session, purpose: 'A B', plaintext: Buffer.alloc(1) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('answers nobody but the part that a method is for', async () => {
    const { made, session } = await unlocked();
    const order = { ...session, ...USE, vaultId: made.vaultId, credentialId: made.credentialId, credentialVersion: 1 };
    const denied = { code: 'PERMISSION_DENIED' };
    for (const name of ['mgmt-plane', 'credential-service', 'unproved', '']) {
      const client = createClient(DecryptService, peer(name), { version: VERSION });
      await expect(client.decrypt(order)).rejects.toMatchObject(denied);
      await expect(client.resolve({ ...session, ...USE })).rejects.toMatchObject(denied);
      const place = { ...session, purpose: 'x' };
      await expect(client.sealState({ ...place, plaintext: Buffer.alloc(1) })).rejects.toMatchObject(denied);
      await expect(client.unsealState({ ...place, sealed: Buffer.alloc(1) })).rejects.toMatchObject(denied);
    }
    const fromProxy = createClient(LeaseService, peer('proxy'), { version: VERSION });
    await expect(fromProxy.getServiceKey({})).rejects.toMatchObject(denied);
    await expect(fromProxy.deliverLease({ ...session, sealedLease: Buffer.alloc(1) })).rejects.toMatchObject(denied);
    await expect(fromProxy.revokeLease(session)).rejects.toMatchObject(denied);
    await expect(fromProxy.getLeaseStatus(session)).rejects.toMatchObject(denied);
    expect(await leases.getLeaseStatus(session)).toMatchObject({ unlocked: true });
  });

  it('over a socket without mutual TLS it answers nobody: the caller is not proved', async () => {
    const transport = new GrpcTransport({ address: `127.0.0.1:${port}` });
    const client = createClient(DecryptService, transport, { version: VERSION });
    const { session } = await unlocked();
    await expect(client.resolve({ ...session, ...USE })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    transport.close();
  });

  it('leaves no form of a secret in a log, a metric or an error, on success and on every refusal', async () => {
    const sought = canary('linear');
    const { made, session } = await unlocked(sought.value);
    const order = { ...session, ...USE, vaultId: made.vaultId, credentialId: made.credentialId, credentialVersion: 1 };
    await decrypt.decrypt(order);
    const path = `credentials/${made.credentialId}.enc`;
    const cut = new Map([...made.files, [path, (made.files.get(path) ?? new Uint8Array()).slice(0, -5)]]);
    const errors: unknown[] = [];
    const keep = (work: Promise<unknown>) => work.catch((error: unknown) => errors.push(error));
    await keep(decrypt.decrypt({ ...order, host: 'evil.example' }));
    await keep(decrypt.decrypt({ ...order, credentialVersion: 9 }));
    await keep(decrypt.unsealState({ ...session, purpose: 'x', sealed: Buffer.from(sought.value) }));
    store.vaults.set(made.vaultId, cut);
    const again = { ...session, sessionId: newId('ses') };
    const { envelope } = await leases.getServiceKey({});
    const lease = { sessionId: again.sessionId, now: new Date(clock.now()), vaults: [made] };
    await leases.deliverLease({ ...again, sealedLease: await sealFor(envelope, lease) });
    await keep(decrypt.decrypt({ ...order, ...again }));
    await keep(leases.deliverLease({ ...session, sealedLease: Buffer.from(sought.value) }));
    expect(errors).toHaveLength(5);
    const said = errors.map((error) =>
      JSON.stringify([error, (error as Error).stack, (error as AileronError).details]),
    );
    const everything = [...logged, ...said, await metrics.registry.metrics()].join('\n');
    expect(logged.join('')).toContain('lease.delivered');
    expect(findCanary(everything, sought)).toEqual([]);
    const vaultKey = Buffer.from(made.vault.exportVaultKey().expose());
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(everything).not.toContain(vaultKey.toString(encoding));
    }
  });
});
