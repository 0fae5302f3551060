// What the tests of this service share: a person with a device and a vault, an in-memory store, a clock that is set.
import { createHash } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { createLogger } from '@aileron/telemetry';
import { canary as makeCanary, fakeClock } from '@aileron/testing';
import {
  createUser,
  createVault,
  exportVerifyingKey,
  generateSigningKey,
  importVerifyingKey,
  type Lease,
  sealLease,
  Secret,
  UnlockedVault,
  type VaultFiles,
  type VaultManifest,
} from '@aileron/vault';
import { CredentialServiceConfig } from './config.js';
import { DecryptService } from './decrypt/decrypt.service.js';
import { VaultCache } from './decrypt/vault-cache.js';
import { LeaseRegistry } from './leases/lease-registry.js';
import { LeasesService } from './leases/leases.service.js';
import { type VaultStore } from './ports/vault-store.port.js';

export const TENANT = 'ten_local';
export const USER = 'usr_local';
export const USE = { connector: 'linear', operation: 'linear.create_issue', host: 'api.linear.app' };
export const BINDING = {
  connector: 'linear',
  hosts: ['api.linear.app'],
  operations: ['linear.*'],
  placement: 'bearer',
  level: 'personal',
} as const;

export const newId = (prefix: string) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
export const canary = () => makeCanary('linear').value;

const [service, device] = await Promise.all([generateSigningKey(), generateSigningKey()]);
const kdf = { algorithm: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 } as const;
const passphrase = Secret.fromString('a long passphrase');
export const person = await createUser({ userId: USER, name: 'Ada', passphrase, kdf });
export const stranger = await createUser({ userId: USER, name: 'Eve', passphrase, kdf });

export const config = CredentialServiceConfig.parse({
  serviceSigningKey: service.stored,
  deviceKeys: [{ userId: USER, name: 'this machine', ...device.stored }],
});

/** A store whose files a test changes as it likes; it counts what is asked of it. */
export class MemoryVaultStore implements VaultStore {
  readonly vaults = new Map<string, VaultFiles>();
  userFile: Uint8Array = person.file;
  reads = 0;
  /** Reads that were answered with files. */
  given = 0;
  failure: AileronError | null = null;

  async vault({ vaultId, unlessManifestSha256 }: Parameters<VaultStore['vault']>[0]): Promise<VaultFiles | null> {
    this.reads += 1;
    if (this.failure !== null) throw this.failure;
    const files = this.vaults.get(vaultId);
    if (files === undefined) throw new AileronError('NOT_FOUND');
    const manifest = files.get('manifest.json') ?? new Uint8Array();
    if (createHash('sha256').update(manifest).digest('base64url') === unlessManifestSha256) return null;
    this.given += 1;
    return files;
  }

  async user(): Promise<Uint8Array> {
    return this.userFile;
  }
}

/** Ada's vault with one Linear credential in it. */
export async function makeVault(
  secret = canary(),
  level: VaultManifest['credentials'][number]['binding']['level'] = 'personal',
) {
  const vaultId = newId('vlt');
  const empty = await createVault({ vaultId, name: 'v', type: 'personal', owner: person.keys, now: new Date() });
  const opened = await openVault(vaultId, empty);
  const files = await opened.putCredential({
    name: 'linear',
    secret: Secret.fromString(secret),
    binding: { ...BINDING, hosts: [...BINDING.hosts], operations: [...BINDING.operations], level },
  });
  const vault = await opened.reopen(files);
  return { vaultId, empty, files, vault, secret, credentialId: vault.listCredentials()[0]?.id ?? '' };
}

export const openVault = (vaultId: string, files: VaultFiles) =>
  UnlockedVault.open({ files, vaultId, userId: USER, keys: person.keys, trusted: [] });

export type MadeVault = Awaited<ReturnType<typeof makeVault>>;

/** A lease of these vaults, sealed by the device to this service key. */
export async function sealFor(
  envelope: Uint8Array,
  input: { sessionId: string; now: Date; vaults: readonly MadeVault[]; ttlSeconds?: number } & Partial<
    Omit<Lease, 'vaults'>
  >,
): Promise<Uint8Array> {
  const { now, vaults, ttlSeconds = 3_600, ...change } = input;
  const lease: Lease = {
    tenantId: TENANT,
    userId: USER,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + ttlSeconds * 1_000),
    memberPublicKey: await exportVerifyingKey(person.keys.verifying),
    ...change,
    vaults: vaults.map(({ vault, vaultId }) => {
      return { vaultId, vaultKey: vault.exportVaultKey(), manifestVersion: vault.manifest.version };
    }),
  };
  const serviceKeyEnvelope = JSON.parse(new TextDecoder().decode(envelope)) as Parameters<
    typeof sealLease
  >[0]['serviceKeyEnvelope'];
  const pinned = [await importVerifyingKey(service.stored)];
  return await sealLease({ serviceKeyEnvelope, pinned, lease, device: device.signing });
}

/** The service's classes over that store and clock, and a session of theirs. */
export function makeService(change: Partial<CredentialServiceConfig> = {}) {
  const [clock, store, counts] = [fakeClock(), new MemoryVaultStore(), new Map<string, number>()];
  const meter = {
    decrypted: (outcome: string) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    leases: (inMemory: number) => counts.set('leases', inMemory),
  };
  const configured = { ...config, ...change };
  const registry = new LeaseRegistry(configured, clock, meter);
  const leases = new LeasesService(
    configured,
    clock,
    store,
    registry,
    createLogger({ service: 'test', level: 'silent' }),
  );
  const vaults = new VaultCache(configured, clock, store, registry);
  const decrypt = new DecryptService(registry, vaults, meter);
  const deliver = async (made: readonly MadeVault[], more: { sessionId?: string; ttlSeconds?: number } = {}) => {
    const { sessionId = newId('ses'), ttlSeconds = 3_600 } = more;
    for (const { vaultId, files } of made) if (!store.vaults.has(vaultId)) store.vaults.set(vaultId, files);
    const now = new Date(clock.now());
    const sealedLease = await sealFor(await leases.serviceKeyEnvelope(), { sessionId, now, vaults: made, ttlSeconds });
    await leases.deliver({ tenantId: TENANT, sessionId, sealedLease, signal: new AbortController().signal });
    return { tenantId: TENANT, sessionId };
  };
  return { clock, store, counts, registry, leases, vaults, decrypt, deliver };
}
