import { AileronError } from '@aileron/errors';
import { type VaultFiles, VerifiedVault } from '@aileron/vault';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { opensslCipher } from '../adapters/openssl-cipher.js';
import { CONFIG } from '../config-token.js';
import { type CredentialServiceConfig } from '../config.js';
import { LeaseRegistry } from '../leases/lease-registry.js';
import { type LiveLease } from '../leases/live-lease.js';
import { CLOCK, type Clock } from '@aileron/service-host';
import { VAULT_STORE, type VaultStore } from '../ports/vault-store.port.js';

interface Cached {
  readonly vault: VerifiedVault;
  readonly fetchedAt: number;
}

/** The verified vaults of one lease. Weakly held: it goes when the lease goes. */
type LeaseVaults = Map<string, { current: Cached | null; fetching: Promise<VerifiedVault> | null }>;

/** Of the store itself and not of one caller: others may wait for the same answer. */
const STORE_DEADLINE_MS = 5_000;
const NO_FILES: VaultFiles = new Map();

/**
 * Vaults as the store has them, at most `vaultMaxAgeMs` old, checked against the member's key. Nothing is shared between
 * leases, and no lease ever sees a vault go back.
 */
@Injectable()
export class VaultCache implements OnModuleInit {
  readonly #byLease = new WeakMap<LiveLease, LeaseVaults>();
  /** One lease after another: many may come at once, and none of them waits for it. */
  #loading: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<CredentialServiceConfig, 'vaultMaxAgeMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(VAULT_STORE) private readonly store: VaultStore,
    @Inject(LeaseRegistry) private readonly leases: LeaseRegistry,
  ) {}

  onModuleInit(): void {
    this.leases.onPut((lease) => void (this.#loading = this.#loading.then(() => this.load(lease))));
  }

  /** The copy at hand when it is young enough; undefined: ask the store. CREDENTIAL_NOT_BOUND for a vault not leased. */
  present({ lease, vaultId }: { lease: LiveLease; vaultId: string }): VerifiedVault | undefined {
    if (lease.vault(vaultId) === undefined) throw new AileronError('CREDENTIAL_NOT_BOUND', { vaultId });
    const current = this.#byLease.get(lease)?.get(vaultId)?.current;
    return current != null && this.isYoung(current) ? current.vault : undefined;
  }

  /** `fresh` asks the store even when the copy at hand is young. CREDENTIAL_NOT_BOUND for a vault that is not leased. */
  async get(input: { lease: LiveLease; vaultId: string; fresh?: boolean }): Promise<VerifiedVault> {
    const { lease, vaultId } = input;
    const leased = lease.vault(vaultId);
    if (leased === undefined) throw new AileronError('CREDENTIAL_NOT_BOUND', { vaultId });
    const slot = this.slot(lease, vaultId);
    if (slot.current !== null && this.isYoung(slot.current) && input.fresh !== true) return slot.current.vault;
    slot.fetching ??= this.fetch(input, leased.manifestVersion).finally(() => {
      slot.fetching = null;
    });
    return await slot.fetching;
  }

  /** What a session's first call would wait for. What fails here fails there, and is said there. */
  private async load(lease: LiveLease): Promise<void> {
    for (const vaultId of lease.vaultIds) {
      if (lease.closed) return;
      await this.get({ lease, vaultId }).catch(() => undefined);
    }
  }

  private isYoung({ fetchedAt }: Cached): boolean {
    return this.clock.now() - fetchedAt < this.config.vaultMaxAgeMs;
  }

  private async fetch(input: { lease: LiveLease; vaultId: string }, leasedVersion: number): Promise<VerifiedVault> {
    const { lease, vaultId } = input;
    const { tenantId } = lease;
    const signal = AbortSignal.timeout(STORE_DEADLINE_MS);
    const slot = this.slot(lease, vaultId);
    const before = slot.current?.vault;
    const fetchedAt = this.clock.now();
    const unlessManifestSha256 = before?.manifestSha256 ?? null;
    const files = await this.store.vault({ tenantId, vaultId, unlessManifestSha256, signal });
    const vault =
      files === null && before !== undefined
        ? before
        : await VerifiedVault.verify({
            files: files ?? NO_FILES,
            vaultId,
            manifestKeys: [lease.memberKey],
            minManifestVersion: Math.max(leasedVersion, before?.manifest.version ?? 1),
            cipher: opensslCipher,
          });
    const kept = before === undefined ? vault : laterOf(before, vault);
    slot.current = { vault: kept, fetchedAt };
    return kept;
  }

  private slot(lease: LiveLease, vaultId: string) {
    const vaults: LeaseVaults = this.#byLease.get(lease) ?? new Map();
    this.#byLease.set(lease, vaults);
    const slot = vaults.get(vaultId) ?? { current: null, fetching: null };
    vaults.set(vaultId, slot);
    return slot;
  }
}

/** The same manifest: the copy at hand, whose checks are done. Two manifests of one version: somebody forked the vault. */
function laterOf(before: VerifiedVault, next: VerifiedVault): VerifiedVault {
  if (next.manifestSha256 === before.manifestSha256) return before;
  if (next.manifest.version > before.manifest.version) return next;
  throw new AileronError('VAULT_TAMPERED', { reason: 'forked', vaultId: next.manifest.vaultId });
}
