import { type VaultFiles } from '@aileron/vault';

/** Where vaults and user files lie: ciphertext and public keys. Not trusted. */
export interface VaultStore {
  /** Every file of a vault, from one moment; null while its manifest.json has the digest that was named. NOT_FOUND. */
  vault(input: {
    tenantId: string;
    vaultId: string;
    unlessManifestSha256: string | null;
    signal: AbortSignal;
  }): Promise<VaultFiles | null>;
  /** users/{user_id}.json. NOT_FOUND. */
  user(input: { tenantId: string; userId: string; signal: AbortSignal }): Promise<Uint8Array>;
}

export const VAULT_STORE = Symbol('VaultStore');
