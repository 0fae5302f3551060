import { type Secret, type SealedLeasePayload, type VerifyingKey } from '@aileron/vault';

/** The keys of one session, in memory. */
export class LiveLease {
  readonly #vaults: ReadonlyMap<string, { readonly vaultKey: Secret; readonly manifestVersion: number }>;
  #closed = false;

  constructor(
    payload: SealedLeasePayload,
    /** Signs the manifests of these vaults. */
    readonly memberKey: VerifyingKey,
  ) {
    this.tenantId = payload.tenantId;
    this.sessionId = payload.sessionId;
    this.userId = payload.userId;
    this.expiresAt = payload.expiresAt;
    this.#vaults = new Map(payload.vaults.map((vault) => [vault.vaultId, vault]));
  }

  readonly tenantId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly expiresAt: Date;

  /** In the order of the lease: the user's own vault first. */
  get vaultIds(): readonly string[] {
    return [...this.#vaults.keys()];
  }

  get vaultKeys(): readonly Secret[] {
    return [...this.#vaults.values()].map(({ vaultKey }) => vaultKey);
  }

  vault(vaultId: string): { readonly vaultKey: Secret; readonly manifestVersion: number } | undefined {
    return this.#vaults.get(vaultId);
  }

  /** Whether its keys are gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Zeroes the keys. May be called twice. */
  close(): void {
    this.#closed = true;
    for (const vaultKey of this.vaultKeys) vaultKey.zero();
  }
}
