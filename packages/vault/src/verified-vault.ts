import { AileronError } from '@aileron/errors';
import { type BoxCipher } from './box-cipher.js';
import { bindingAllows, type CredentialUse } from './credential-binding.js';
import { prepareCredential, type PreparedCredential } from './credential-cipher.js';
import { type Secret } from './secret.js';
import { assertSecretSuitable } from './secret-rules.js';
import { type VerifyingKey } from './signing-key.js';
import { tampered } from './tampered.js';
import { credentialPath, MANIFEST_PATH, pinnedFile, type VaultFiles } from './vault-files.js';
import { vaultKeyCommitment } from './vault-key.js';
import { type CredentialEntry, type VaultManifest, verifyManifest } from './vault-manifest.js';

export interface DecryptInput {
  readonly vaultKey: Secret;
  readonly credentialId: string;
  readonly expectedVersion?: number;
  readonly use: CredentialUse;
}

/** A vault whose manifest was checked. It is still locked: opening a credential takes the vault key. */
export class VerifiedVault {
  /**
   * By vault key, so that it goes with the key: what was checked once (commitment, digest, place, derived key handle, which
   * cannot be exported) is not checked again for every request.
   */
  readonly #prepared = new WeakMap<Secret, Map<string, PreparedCredential>>();

  private constructor(
    readonly files: VaultFiles,
    readonly manifest: VaultManifest,
    readonly manifestSha256: string,
    readonly signerKeyId: string,
    private readonly cipher: BoxCipher | undefined,
  ) {}

  /** VAULT_TAMPERED unless one of `manifestKeys` signed this manifest of this vault, at least at `minManifestVersion`. */
  static async verify(input: {
    files: VaultFiles;
    vaultId: string;
    manifestKeys: readonly VerifyingKey[];
    minManifestVersion?: number;
    /** What opens its credentials; WebCrypto where there is none. */
    cipher?: BoxCipher;
  }): Promise<VerifiedVault> {
    const { files, vaultId, manifestKeys: trusted, minManifestVersion: minVersion = 1 } = input;
    const file = files.get(MANIFEST_PATH);
    if (file === undefined) throw tampered('file-missing', { vaultId, path: MANIFEST_PATH });
    const { manifest, manifestSha256, signerKeyId } = await verifyManifest({ file, vaultId, trusted, minVersion });
    return new VerifiedVault(files, manifest, manifestSha256, signerKeyId, input.cipher);
  }

  /**
   * The plaintext of one credential for one use: find → version → binding → vault key → digest → open → fit to send.
   * CREDENTIAL_NOT_BOUND, CONFLICT (a newer version), CREDENTIAL_BINDING_REFUSED, LEASE_EXPIRED (the vault key was
   * rotated away), VAULT_TAMPERED, SECRET_UNSUITABLE. The caller zeroes it.
   */
  async decrypt(input: DecryptInput): Promise<Secret> {
    return fitToSend(await this.openCredential(this.entryFor(input), input.vaultKey));
  }

  /**
   * The same at once, with the same checks: undefined where that is not possible, which is until a credential was opened
   * with this key before, and where no cipher was injected.
   */
  decryptNow(input: DecryptInput): Secret | undefined {
    const prepared = this.#prepared.get(input.vaultKey)?.get(input.credentialId);
    if (prepared === undefined || this.cipher === undefined) return undefined;
    this.entryFor(input);
    // A key that was zeroed opens nothing, prepared or not.
    input.vaultKey.expose();
    const secret = prepared.open();
    return secret === undefined || secret instanceof Promise ? undefined : fitToSend(secret);
  }

  private entryFor({ credentialId, expectedVersion, use }: DecryptInput): CredentialEntry {
    const entry = this.find(credentialId);
    assertVersion(entry, expectedVersion, this.manifest.vaultId);
    if (!bindingAllows(entry.binding, use)) throw refused(entry, use);
    return entry;
  }

  /** Without the binding: only for re-encryption by a member. */
  async openCredential(entry: CredentialEntry, vaultKey: Secret): Promise<Secret> {
    // A key that was zeroed opens nothing, prepared or not.
    vaultKey.expose();
    const prepared = this.#prepared.get(vaultKey)?.get(entry.id) ?? (await this.prepare(entry, vaultKey));
    return await prepared.open();
  }

  private async prepare(entry: CredentialEntry, vaultKey: Secret): Promise<PreparedCredential> {
    await this.assertVaultKey(vaultKey);
    const { vaultId, keyEpoch } = this.manifest;
    const file = await pinnedFile(this.files, credentialPath(entry.id), entry.encSha256);
    const place = { vaultId, credentialId: entry.id, version: entry.version, keyEpoch };
    const prepared = await prepareCredential({ file, vaultKey, place, cipher: this.cipher });
    const ofKey = this.#prepared.get(vaultKey) ?? new Map<string, PreparedCredential>();
    this.#prepared.set(vaultKey, ofKey.set(entry.id, prepared));
    return prepared;
  }

  private find(credentialId: string): CredentialEntry {
    const entry = this.manifest.credentials.find(({ id }) => id === credentialId);
    if (entry === undefined) {
      throw new AileronError('CREDENTIAL_NOT_BOUND', { vaultId: this.manifest.vaultId, credentialId });
    }
    return entry;
  }

  private async assertVaultKey(vaultKey: Secret): Promise<void> {
    const { vaultId, keyEpoch, vaultKeyCommitment: expected } = this.manifest;
    if ((await vaultKeyCommitment(vaultKey, vaultId, keyEpoch)) === expected) return;
    throw new AileronError('LEASE_EXPIRED', { vaultId, reason: 'vault-key-rotated' });
  }
}

function fitToSend(secret: Secret): Secret {
  try {
    assertSecretSuitable(secret);
    return secret;
  } catch (error) {
    secret.zero();
    throw error;
  }
}

function assertVersion(entry: CredentialEntry, expected: number | undefined, vaultId: string): void {
  if (expected === undefined || expected === entry.version) return;
  if (entry.version < expected) throw tampered('rolled-back', { vaultId, path: credentialPath(entry.id) });
  throw new AileronError('CONFLICT', { credentialId: entry.id, credentialVersion: entry.version });
}

function refused(entry: CredentialEntry, { connector, operation, host }: CredentialUse): AileronError {
  return new AileronError('CREDENTIAL_BINDING_REFUSED', { credential: entry.name, connector, operation, host });
}
