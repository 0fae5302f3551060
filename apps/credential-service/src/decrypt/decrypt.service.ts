import { AileronError } from '@aileron/errors';
import {
  type CredentialUse,
  resolveCredential,
  type ResolvedCredential,
  sealState,
  type Secret,
  unsealState,
  type VaultManifest,
  type VerifiedVault,
} from '@aileron/vault';
import { Inject, Injectable } from '@nestjs/common';
import { LeaseRegistry, type SessionKey } from '../leases/lease-registry.js';
import { type LiveLease } from '../leases/live-lease.js';
import { DECRYPT_METER, type DecryptMeter } from '../ports/decrypt-meter.port.js';
import { VaultCache } from './vault-cache.js';

export interface DecryptOrder extends SessionKey {
  readonly vaultId: string;
  readonly credentialId: string;
  readonly credentialVersion: number;
  readonly use: CredentialUse;
}

/** Uses a session's keys, each time for one purpose. Without a live lease it does nothing at all. */
@Injectable()
export class DecryptService {
  constructor(
    @Inject(LeaseRegistry) private readonly leases: LeaseRegistry,
    @Inject(VaultCache) private readonly vaults: VaultCache,
    @Inject(DECRYPT_METER) private readonly meter: DecryptMeter,
  ) {}

  /**
   * As `resolve`, at once, where everything is at hand: nothing can have changed meanwhile. Undefined where it is not, and
   * where the store has to be asked before there is an answer.
   */
  resolveNow(input: SessionKey & { use: CredentialUse }): ResolvedCredential | undefined {
    const lease = this.leases.require(input);
    const manifests: VaultManifest[] = [];
    for (const vaultId of lease.vaultIds) {
      const vault = this.vaults.present({ lease, vaultId });
      if (vault === undefined) return undefined;
      manifests.push(vault.manifest);
    }
    try {
      return resolveCredential({ manifests, use: input.use });
    } catch (error) {
      if (AileronError.is(error, 'CREDENTIAL_NOT_BOUND')) return undefined;
      throw error;
    }
  }

  /** CREDENTIAL_NOT_BOUND, CREDENTIAL_AMBIGUOUS. A credential stored a moment ago is found: the store is asked again. */
  async resolve(input: SessionKey & { use: CredentialUse }): Promise<ResolvedCredential> {
    return await this.withLease(input, async (lease) => {
      const from = async (fresh: boolean) => {
        const vaults = await Promise.all(lease.vaultIds.map((vaultId) => this.vaults.get({ lease, vaultId, fresh })));
        return resolveCredential({ manifests: vaults.map(({ manifest }) => manifest), use: input.use });
      };
      return await from(false).catch((error: unknown) => {
        if (AileronError.is(error, 'CREDENTIAL_NOT_BOUND')) return from(true);
        throw error;
      });
    });
  }

  /** As `decrypt`, at once, where everything is at hand; undefined where it is not. */
  decryptNow(order: DecryptOrder): Secret | undefined {
    const { vaultId, credentialId, credentialVersion: expectedVersion, use } = order;
    const lease = this.leases.find(order);
    const leased = lease?.vault(vaultId);
    if (lease === undefined || leased === undefined) return undefined;
    try {
      const vault = this.vaults.present({ lease, vaultId });
      const secret = vault?.decryptNow({ vaultKey: leased.vaultKey, credentialId, expectedVersion, use });
      if (secret !== undefined) this.meter.decrypted('ok');
      return secret;
    } catch {
      // The long way: the copy at hand may be stale, and an error is counted there.
      return undefined;
    }
  }

  /** The plaintext for one request, checked against the signed binding. The caller zeroes it. */
  async decrypt(order: DecryptOrder): Promise<Secret> {
    try {
      const secret = await this.withLease(order, (lease) => this.open(lease, order));
      this.meter.decrypted('ok');
      return secret;
    } catch (error) {
      this.meter.decrypted(AileronError.from(error).code);
      throw error;
    }
  }

  async sealState(input: SessionKey & { purpose: string; plaintext: Uint8Array }): Promise<Uint8Array> {
    return await this.withLease(input, async (lease) => {
      const [vaultKey] = lease.vaultKeys;
      if (vaultKey === undefined) throw new AileronError('PRECONDITION_FAILED', { reason: 'lease-without-vaults' });
      return await sealState({ vaultKey, place: placeOf(input), plaintext: input.plaintext });
    });
  }

  async unsealState(input: SessionKey & { purpose: string; sealed: Uint8Array }): Promise<Uint8Array> {
    return await this.withLease(input, async ({ vaultKeys }) => {
      return await unsealState({ vaultKeys, place: placeOf(input), sealed: input.sealed });
    });
  }

  private async open(lease: LiveLease, order: DecryptOrder): Promise<Secret> {
    const { vaultId, credentialId, credentialVersion: expectedVersion, use } = order;
    const openFrom = async (vault: VerifiedVault) => {
      const leased = lease.vault(vaultId);
      if (leased === undefined) throw new AileronError('CREDENTIAL_NOT_BOUND', { vaultId });
      return await vault.decrypt({ vaultKey: leased.vaultKey, credentialId, expectedVersion, use });
    };
    const vault = await this.vaults.get({ lease, vaultId });
    try {
      return await openFrom(vault);
    } catch (error) {
      if (!mayBeStale(error)) throw error;
      const fresh = await this.vaults.get({ lease, vaultId, fresh: true });
      if (fresh === vault) throw error;
      return await openFrom(fresh);
    }
  }

  /**
   * Runs with the session's live lease. What finishes after the lease was revoked, ran out or was replaced does not
   * count: a secret that came out of it is zeroed, and the answer is that of the present state.
   */
  private async withLease<T>(session: SessionKey, use: (lease: LiveLease) => Promise<T>): Promise<T> {
    const lease = this.leases.require(session);
    const attempt = await use(lease).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const present = this.leases.find(session);
    if (present === lease) {
      if ('error' in attempt) throw attempt.error;
      return attempt.value;
    }
    if ('value' in attempt) zero(attempt.value);
    const replacement = this.leases.require(session);
    const value = await use(replacement);
    if (this.leases.find(session) === replacement) return value;
    zero(value);
    throw new AileronError('LEASE_MISSING');
  }
}

/** A credential or version that the copy at hand does not know, or a vault that was changed since. */
function mayBeStale(error: unknown): boolean {
  return ['CREDENTIAL_NOT_BOUND', 'VAULT_TAMPERED', 'CREDENTIAL_BINDING_REFUSED'].some(
    (code) => AileronError.is(error) && error.code === code,
  );
}

function zero(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0);
  else if (typeof value === 'object' && value !== null && 'zero' in value && typeof value.zero === 'function')
    value.zero();
}

const placeOf = ({ tenantId, sessionId, purpose }: SessionKey & { purpose: string }) => ({
  tenantId,
  sessionId,
  purpose,
});
