import { AileronError } from '@aileron/errors';
import {
  importSigningKey,
  importVerifyingKey,
  makeServiceKey,
  readMemberIdentity,
  type SealedLeasePayload,
  type ServiceKeyHandle,
  type TrustedDevice,
} from '@aileron/vault';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG } from '../config-token.js';
import { type CredentialServiceConfig } from '../config.js';
import { CLOCK, type Clock, LOGGER } from '@aileron/service-host';
import { type Logger } from '@aileron/telemetry';
import { VAULT_STORE, type VaultStore } from '../ports/vault-store.port.js';
import { LeaseRegistry, type SessionKey } from './lease-registry.js';
import { LiveLease } from './live-lease.js';

/** Takes leases in, and forgets them. */
@Injectable()
export class LeasesService implements OnModuleInit {
  #boot: Promise<{ key: ServiceKeyHandle; devices: readonly TrustedDevice[] }> | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: CredentialServiceConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(VAULT_STORE) private readonly store: VaultStore,
    @Inject(LeaseRegistry) private readonly registry: LeaseRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Made once for each boot, before the first call: a bad key of the configuration fails the start. */
  async onModuleInit(): Promise<void> {
    await this.boot();
  }

  async serviceKeyEnvelope(): Promise<Uint8Array> {
    const { key } = await this.boot();
    return new TextEncoder().encode(JSON.stringify(key.envelope));
  }

  /** open (signed by a device of its user, for this session, now, once) → check the member's key → keep. */
  async deliver(input: SessionKey & { sealedLease: Uint8Array; signal: AbortSignal }): Promise<LiveLease> {
    const { key, devices } = await this.boot();
    const { tenantId, sessionId } = input;
    const now = new Date(this.clock.now());
    const payload = await key.open(input.sealedLease, { tenantId, sessionId, devices, now });
    try {
      const memberKey = await importVerifyingKey(payload.memberPublicKey);
      await this.assertMemberKey(payload, input.signal);
      const lease = new LiveLease(payload, memberKey);
      this.registry.put(lease);
      const { userId, expiresAt } = lease;
      this.log.info({ tenantId, sessionId, userId, expiresAt, vaults: lease.vaultIds.length }, 'lease.delivered');
      return lease;
    } catch (error) {
      for (const { vaultKey } of payload.vaults) vaultKey.zero();
      throw error;
    }
  }

  /** Succeeds when there was none. */
  revoke({ tenantId, sessionId }: SessionKey): void {
    this.registry.revoke({ tenantId, sessionId });
    this.log.info({ tenantId, sessionId }, 'lease.revoked');
  }

  status(session: SessionKey): LiveLease | undefined {
    return this.registry.find(session);
  }

  /**
   * The store's file of this user must name the key that the device vouched for. It could not add trust; that it says
   * something else means that somebody rewrote it.
   */
  private async assertMemberKey(payload: SealedLeasePayload, signal: AbortSignal): Promise<void> {
    const { tenantId, userId, memberPublicKey } = payload;
    const member = await readMemberIdentity(await this.store.user({ tenantId, userId, signal }));
    const same = member.userId === userId && member.signing.publicKeyBase64 === memberPublicKey.publicKeyBase64;
    if (!same) throw new AileronError('VAULT_TAMPERED', { reason: 'member-key', path: `users/${userId}.json` });
  }

  private boot() {
    this.#boot ??= this.makeBoot();
    return this.#boot;
  }

  private async makeBoot() {
    const service = await importSigningKey(this.config.serviceSigningKey);
    const key = await makeServiceKey(service, `boot_${crypto.randomUUID()}`);
    const devices = await Promise.all(
      this.config.deviceKeys.map(async ({ userId, ...stored }) => ({ userId, key: await importVerifyingKey(stored) })),
    );
    return { key, devices };
  }
}
