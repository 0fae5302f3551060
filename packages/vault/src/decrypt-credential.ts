import { type CredentialUse } from './credential-binding.js';
import { type Secret } from './secret.js';
import { type VerifyingKey } from './signing-key.js';
import { type VaultFiles } from './vault-files.js';
import { VerifiedVault } from './verified-vault.js';

/** `VerifiedVault.verify` and `decrypt` in one step, for a caller that needs one credential once. */
export async function decryptCredential(input: {
  files: VaultFiles;
  vaultKey: Secret;
  manifestKeys: readonly VerifyingKey[];
  vaultId: string;
  credentialId: string;
  expectedVersion?: number;
  minManifestVersion?: number;
  use: CredentialUse;
}): Promise<Secret> {
  const vault = await VerifiedVault.verify(input);
  return await vault.decrypt(input);
}
