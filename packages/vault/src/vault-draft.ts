import { credentialPath, derivedFiles, MANIFEST_PATH, type VaultFiles, wrapPath } from './vault-files.js';
import { encryptCredential } from './credential-cipher.js';
import { type Secret } from './secret.js';
import { sha256Base64Url } from './sha256.js';
import { type SigningKey } from './signing-key.js';
import { vaultKeyCommitment, wrapVaultKey } from './vault-key.js';
import { type CredentialEntry, signManifest, type VaultManifest, type VaultMember } from './vault-manifest.js';

export type MemberToWrap = Omit<VaultMember, 'wrapSha256'>;
export type CredentialToEncrypt = Omit<CredentialEntry, 'encSha256'>;
export type DraftHeader = Omit<VaultManifest, 'members' | 'credentials' | 'vaultKeyCommitment' | 'format'>;

/**
 * The next state of a vault, put together from parts and signed once. Nothing of the previous state is changed, so a
 * crash at any point leaves the old files, whole.
 */
export class VaultDraft {
  readonly #files = new Map<string, Uint8Array>();
  readonly #members: VaultMember[] = [];
  readonly #credentials: CredentialEntry[] = [];

  constructor(
    private readonly header: DraftHeader,
    private readonly vaultKey: Secret,
    private readonly signer: SigningKey,
  ) {}

  async wrapFor(member: MemberToWrap): Promise<void> {
    const { vaultId, keyEpoch } = this.header;
    const { userId, encryptionPublicKeyBase64: recipientPublicKeyBase64 } = member;
    const target = { vaultId, keyEpoch, userId, recipientPublicKeyBase64 };
    const file = await wrapVaultKey({ vaultKey: this.vaultKey, target, granter: this.signer });
    this.keepMember({ ...member, wrapSha256: await sha256Base64Url(file) }, file);
  }

  keepMember(member: VaultMember, file: Uint8Array): void {
    this.#members.push(member);
    this.#files.set(wrapPath(member.userId), file);
  }

  async encrypt(credential: CredentialToEncrypt, secret: Secret): Promise<void> {
    const { vaultId, keyEpoch } = this.header;
    const place = { vaultId, credentialId: credential.id, version: credential.version, keyEpoch };
    const file = await encryptCredential({ secret, vaultKey: this.vaultKey, place });
    this.keepCredential({ ...credential, encSha256: await sha256Base64Url(file) }, file);
  }

  keepCredential(credential: CredentialEntry, file: Uint8Array): void {
    this.#credentials.push(credential);
    this.#files.set(credentialPath(credential.id), file);
  }

  async sign(): Promise<VaultFiles> {
    const { vaultId, keyEpoch } = this.header;
    const manifest: VaultManifest = {
      format: 'aileron-vault/1',
      ...this.header,
      vaultKeyCommitment: await vaultKeyCommitment(this.vaultKey, vaultId, keyEpoch),
      members: this.#members,
      credentials: this.#credentials,
    };
    const file = await signManifest(manifest, this.signer);
    return new Map([[MANIFEST_PATH, file], ...derivedFiles(manifest), ...this.#files]);
  }
}
