/** What the management plane needs of credential-service: it relays ciphertext and asks whether a session has keys. */
export interface LeasePort {
  /** DSSE envelope as JSON bytes. */
  serviceKey(signal?: AbortSignal): Promise<Uint8Array>;
  deliver(input: SessionKey & { sealedLease: Uint8Array; signal?: AbortSignal }): Promise<{ expiresAt: Date }>;
  revoke(session: SessionKey): Promise<void>;
  isUnlocked(session: SessionKey): Promise<boolean>;
}

export interface SessionKey {
  readonly tenantId: string;
  readonly sessionId: string;
}

export const LEASE_PORT = Symbol('LeasePort');
