import { type Secret } from '@aileron/vault';

/** Which credential a request would use. Nothing of it is secret. */
export interface ResolvedCredential {
  readonly vaultId: string;
  readonly credentialId: string;
  readonly version: number;
}

export interface CredentialUse {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly connector: string;
  /** Full name, for example linear.create_issue. */
  readonly operation: string;
  readonly host: string;
  readonly signal: AbortSignal;
}

/** The credentials of a session's lease. LEASE_MISSING or LEASE_EXPIRED while it is locked. */
export interface Credentials {
  /** CREDENTIAL_NOT_BOUND, CREDENTIAL_AMBIGUOUS. Opens nothing. */
  resolve(use: CredentialUse): Promise<ResolvedCredential>;
  /** The plaintext, for one request; whoever gets it zeroes it. */
  decrypt(use: CredentialUse & { readonly credential: ResolvedCredential }): Promise<Secret>;
}
