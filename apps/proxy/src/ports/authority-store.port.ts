/** A session's CA key, sealed under its lease. */
export interface SealedAuthority {
  /** SHA-256 of the certificate's PEM text. */
  readonly certificateSha256: Uint8Array;
  readonly sealed: Uint8Array;
}

interface AuthorityKey {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

/** Where the proxies of a session leave its sealed CA key for each other, and for themselves after a restart. */
export interface AuthorityStore {
  /** The first one stays. PRECONDITION_FAILED when it is not the key of the session's certificate; SESSION_ENDED. */
  store(input: AuthorityKey & SealedAuthority): Promise<void>;
  /** Null until one was stored. */
  find(input: AuthorityKey): Promise<SealedAuthority | null>;
}
