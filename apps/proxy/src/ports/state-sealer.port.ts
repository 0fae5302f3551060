/** Whose state, and what for. State sealed for one does not open for another. */
export interface StateOwner {
  readonly tenantId: string;
  readonly sessionId: string;
  /** For example `session-ca`. */
  readonly purpose: string;
  readonly signal: AbortSignal;
}

/** Seals small state (at most 8 KiB) under a session's lease, so that it can rest on disk. LEASE_MISSING while locked. */
export interface StateSealer {
  seal(input: StateOwner & { readonly plaintext: Uint8Array }): Promise<Uint8Array>;
  /** STATE_TAMPERED when it was changed or is another's. */
  unseal(input: StateOwner & { readonly sealed: Uint8Array }): Promise<Uint8Array>;
}
