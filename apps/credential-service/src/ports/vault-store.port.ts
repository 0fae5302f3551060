import { type VaultFiles } from '@aileron/vault';

/** Where vaults and user files lie: ciphertext and public keys. Not trusted. */
export interface VaultStore {
  /** Every file of a vault, from one moment. NOT_FOUND. */
  vault(input: { tenantId: string; vaultId: string; signal: AbortSignal }): Promise<VaultFiles>;
  /** users/{user_id}.json. NOT_FOUND. */
  user(input: { tenantId: string; userId: string; signal: AbortSignal }): Promise<Uint8Array>;
}

export const VAULT_STORE = Symbol('VaultStore');
