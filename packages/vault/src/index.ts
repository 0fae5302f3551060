export { Secret } from './secret.js';
export { MOST_BEGINNINGS, writeBeginnings } from './form-beginnings.js';
export { secretForms, type SecretForm } from './secret-forms.js';
export {
  exportVerifyingKey,
  generateDeviceKey,
  generateSigningKey,
  importSigningKey,
  importVerifyingKey,
  keyIdOf,
  StoredSigningKey,
  StoredVerifyingKey,
  type SigningKey,
  type VerifyingKey,
} from './signing-key.js';
export { DsseEnvelope, preAuthenticationEncoding, signEnvelope, verifyEnvelope } from './dsse.js';
export { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base64.js';
export { assertSecretSuitable } from './secret-rules.js';
export { DEFAULT_KDF, type KdfParameters } from './key-derivation.js';
export { readMemberIdentity, type MemberIdentity } from './user-file.js';
export { changePassphrase, createUser, recoverUser, unlockUser, type UserKeys } from './user-keys.js';
export { bindingAllows, CredentialBinding, type BindingLevel, type CredentialUse } from './credential-binding.js';
export {
  assertSuccession,
  VAULT_MANIFEST_TYPE,
  type CredentialEntry,
  type MemberRole,
  type VaultManifest,
  type VaultMember,
} from './vault-manifest.js';
export { type VaultFiles } from './vault-files.js';
export { createVault } from './create-vault.js';
export { UnlockedVault } from './unlocked-vault.js';
export { VerifiedVault } from './verified-vault.js';
export { type BoxCipher, type BoxKey } from './box-cipher.js';
export { decryptCredential } from './decrypt-credential.js';
export { resolveCredential, type ResolvedCredential } from './resolve-credential.js';
export { type Lease, type LeasedVault, type SealedLeasePayload } from './lease.js';
export { sealLease } from './seal-lease.js';
export { makeServiceKey, type LeaseExpectation, type ServiceKeyHandle, type TrustedDevice } from './service-key.js';
export { MAX_STATE_BYTES, sealState, unsealState, type StatePlace } from './sealed-state.js';
export { endorseDevice, verifyEndorsement, type TrustedPersonDevice } from './device-endorsement.js';
