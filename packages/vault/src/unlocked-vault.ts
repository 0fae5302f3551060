import { AileronError } from '@aileron/errors';
import { toBase64 } from './base64.js';
import { CredentialBinding } from './credential-binding.js';
import { parseInput } from './parse-input.js';
import { Secret } from './secret.js';
import { assertSecretSuitable } from './secret-rules.js';
import { importVerifyingKey, type VerifyingKey } from './signing-key.js';
import { tampered } from './tampered.js';
import { type MemberIdentity } from './user-file.js';
import { type UserKeys } from './user-keys.js';
import { VaultDraft } from './vault-draft.js';
import { assertExactFiles, credentialPath, pinnedFile, type VaultFiles, wrapPath } from './vault-files.js';
import { generateVaultKey, unwrapVaultKey } from './vault-key.js';
import {
  CredentialEntry,
  CredentialId,
  type MemberRole,
  type VaultManifest,
  type VaultMember,
} from './vault-manifest.js';
import { VerifiedVault } from './verified-vault.js';
import { randomBytes } from './web-crypto.js';

/**
 * A vault in the hands of a member. It does not change: every method that changes something answers with the files of
 * the next state. Store them, then `reopen(files)` before the next change.
 */
export class UnlockedVault {
  readonly #keys: UserKeys;
  readonly #vaultKey: Secret;
  readonly #trusted: readonly VerifyingKey[];

  private constructor(
    readonly verified: VerifiedVault,
    private readonly member: VaultMember,
    secrets: { keys: UserKeys; vaultKey: Secret; trusted: readonly VerifyingKey[] },
  ) {
    this.#keys = secrets.keys;
    this.#vaultKey = secrets.vaultKey;
    this.#trusted = secrets.trusted;
  }

  /**
   * Opens a vault with a member's keys. `trusted` are the keys of members whose manifests and grants this device accepts;
   * one's own is always among them. `minManifestVersion` is what this device saw last. VAULT_TAMPERED, or
   * PERMISSION_DENIED for somebody who is not a member.
   */
  static async open(input: {
    files: VaultFiles;
    vaultId: string;
    userId: string;
    keys: UserKeys;
    trusted: readonly VerifyingKey[];
    minManifestVersion?: number;
  }): Promise<UnlockedVault> {
    const { files, vaultId, userId, keys, minManifestVersion = 1 } = input;
    const trusted = [keys.verifying, ...input.trusted];
    const verified = await VerifiedVault.verify({ files, vaultId, manifestKeys: trusted, minManifestVersion });
    await assertExactFiles(files, verified.manifest);
    const member = verified.manifest.members.find((candidate) => candidate.userId === userId);
    if (member === undefined || userId !== keys.userId) throw new AileronError('PERMISSION_DENIED', { vaultId });
    const vaultKey = await unwrapFor({ verified, member, keys, trusted });
    return new UnlockedVault(verified, member, { keys, vaultKey, trusted });
  }

  get manifest(): VaultManifest {
    return this.verified.manifest;
  }

  /** Of the manifest.json this was opened from; what a writer hands the store as the state it started from. */
  get manifestSha256(): string {
    return this.verified.manifestSha256;
  }

  listCredentials(): readonly CredentialEntry[] {
    return this.manifest.credentials;
  }

  /** A copy for a lease. The caller zeroes it. */
  exportVaultKey(): Secret {
    return this.#vaultKey.copy();
  }

  /** The next state, opened with the same keys. A state older than this one is refused. */
  async reopen(files: VaultFiles): Promise<UnlockedVault> {
    const { vaultId, version: minManifestVersion } = this.manifest;
    const { userId } = this.member;
    return await UnlockedVault.open({
      files,
      vaultId,
      userId,
      keys: this.#keys,
      trusted: this.#trusted,
      minManifestVersion,
    });
  }

  /** Forgets the vault key. */
  close(): void {
    this.#vaultKey.zero();
  }

  /**
   * Stores a secret under a name: a new credential, or the next version of the one with that name (or `credentialId`).
   * SECRET_UNSUITABLE, INVALID_ARGUMENT. The caller zeroes its secret.
   */
  async putCredential(input: {
    credentialId?: string;
    name: string;
    secret: Secret;
    binding: CredentialBinding;
  }): Promise<VaultFiles> {
    this.assertRole(['owner', 'contributor']);
    assertSecretSuitable(input.secret);
    const name = parseInput(CredentialEntry.shape.name, input.name, 'name');
    const binding = parseInput(CredentialBinding, input.binding, 'binding');
    const old = this.listCredentials().find(({ id, name }) =>
      input.credentialId === undefined ? name === input.name : id === input.credentialId,
    );
    const id = parseInput(CredentialId, old?.id ?? input.credentialId ?? newCredentialId(), 'credentialId');
    if (this.listCredentials().some((other) => other.name === name && other.id !== id)) {
      throw new AileronError('CONFLICT', { credential: name });
    }
    const draft = await this.draftWithMembers();
    await this.keepCredentials(draft, (credential) => credential.id !== id);
    await draft.encrypt({ id, name, version: (old?.version ?? 0) + 1, binding }, input.secret);
    return await draft.sign();
  }

  /** NOT_FOUND when there is none. */
  async removeCredential(input: { credentialId: string }): Promise<VaultFiles> {
    this.assertRole(['owner', 'contributor']);
    if (!this.listCredentials().some(({ id }) => id === input.credentialId)) throw new AileronError('NOT_FOUND');
    const draft = await this.draftWithMembers();
    await this.keepCredentials(draft, ({ id }) => id !== input.credentialId);
    return await draft.sign();
  }

  /**
   * Wraps the vault key to one more member, whose fingerprint a person compared. No ciphertext is touched. A member who
   * is there already gets the new role.
   */
  async grant(input: { member: MemberIdentity; comparedFingerprint: string; role: MemberRole }): Promise<VaultFiles> {
    this.assertRole(['owner']);
    const { userId, signing, encryptionPublicKeyBase64 } = input.member;
    if (input.comparedFingerprint.replace(/\s/g, '') !== input.member.fingerprint.replace(/\s/g, '')) {
      throw tampered('fingerprint', { vaultId: this.manifest.vaultId });
    }
    if (this.manifest.type === 'personal') throw new AileronError('PRECONDITION_FAILED', { reason: 'personal-vault' });
    const draft = this.draft();
    await this.keepMembers(draft, (member) => member.userId !== userId);
    await draft.wrapFor({ userId, role: input.role, signing, encryptionPublicKeyBase64 });
    await this.keepCredentials(draft, () => true);
    return this.ownedOrRefused(await draft.sign(), userId, input.role);
  }

  /** Takes a member out and rotates the vault key, so that the key they know opens nothing of the new state. */
  async revoke(input: { userId: string }): Promise<VaultFiles> {
    this.assertRole(['owner']);
    const { members } = this.manifest;
    if (!members.some(({ userId }) => userId === input.userId)) throw new AileronError('NOT_FOUND');
    if (input.userId === this.member.userId)
      throw new AileronError('PRECONDITION_FAILED', { reason: 'revokes-oneself' });
    return await this.rotate(members.filter(({ userId }) => userId !== input.userId));
  }

  /** A new vault key: every credential re-encrypted, re-wrapped for every member. */
  async rotateKey(): Promise<VaultFiles> {
    this.assertRole(['owner']);
    return await this.rotate(this.manifest.members);
  }

  private async rotate(members: readonly VaultMember[]): Promise<VaultFiles> {
    const vaultKey = generateVaultKey();
    try {
      const draft = this.draft({ keyEpoch: this.manifest.keyEpoch + 1, vaultKey });
      for (const { wrapSha256: _old, ...member } of members) await draft.wrapFor(member);
      for (const credential of this.listCredentials()) {
        const secret = await this.verified.openCredential(credential, this.#vaultKey);
        const { encSha256: _old, ...entry } = credential;
        await draft.encrypt(entry, secret).finally(() => secret.zero());
      }
      return await draft.sign();
    } finally {
      vaultKey.zero();
    }
  }

  private draft(next: { keyEpoch: number; vaultKey: Secret } | null = null): VaultDraft {
    const { vaultId, name, type, ownerUserId, createdAt, version, keyEpoch } = this.manifest;
    const header = {
      vaultId,
      name,
      type,
      ownerUserId,
      createdAt,
      version: version + 1,
      keyEpoch: next?.keyEpoch ?? keyEpoch,
      previousManifestSha256: this.manifestSha256,
    };
    return new VaultDraft(header, next?.vaultKey ?? this.#vaultKey, this.#keys.signing);
  }

  private async draftWithMembers(): Promise<VaultDraft> {
    const draft = this.draft();
    await this.keepMembers(draft, () => true);
    return draft;
  }

  private async keepMembers(draft: VaultDraft, kept: (member: VaultMember) => boolean): Promise<void> {
    for (const member of this.manifest.members.filter(kept)) {
      draft.keepMember(member, await pinnedFile(this.verified.files, wrapPath(member.userId), member.wrapSha256));
    }
  }

  private async keepCredentials(draft: VaultDraft, kept: (credential: CredentialEntry) => boolean): Promise<void> {
    for (const credential of this.listCredentials().filter(kept)) {
      const file = await pinnedFile(this.verified.files, credentialPath(credential.id), credential.encSha256);
      draft.keepCredential(credential, file);
    }
  }

  private ownedOrRefused(files: VaultFiles, userId: string, role: MemberRole): VaultFiles {
    if (userId === this.member.userId && role !== 'owner') {
      throw new AileronError('PRECONDITION_FAILED', { reason: 'demotes-oneself' });
    }
    return files;
  }

  private assertRole(roles: readonly MemberRole[]): void {
    if (roles.includes(this.member.role)) return;
    throw new AileronError('PERMISSION_DENIED', { vaultId: this.manifest.vaultId, role: this.member.role });
  }
}

/** Only an owner's signature makes a wrapping a grant. */
async function unwrapFor(input: {
  verified: VerifiedVault;
  member: VaultMember;
  keys: UserKeys;
  trusted: readonly VerifyingKey[];
}): Promise<Secret> {
  const { member, keys } = input;
  const { files, manifest } = input.verified;
  if (member.encryptionPublicKeyBase64 !== toBase64(keys.x25519PublicKeyRaw)) {
    throw tampered('member-key', { vaultId: manifest.vaultId });
  }
  const owners = manifest.members.filter(({ role }) => role === 'owner').map(({ signing }) => signing);
  const granters = await Promise.all(owners.map((owner) => importVerifyingKey(owner)));
  return await unwrapVaultKey({
    file: await pinnedFile(files, wrapPath(member.userId), member.wrapSha256),
    target: {
      vaultId: manifest.vaultId,
      keyEpoch: manifest.keyEpoch,
      userId: member.userId,
      recipientPublicKeyBase64: member.encryptionPublicKeyBase64,
    },
    commitment: manifest.vaultKeyCommitment,
    recipient: { privateKey: keys.x25519PrivateKey, publicKey: keys.x25519PublicKey },
    granters: granters.filter(({ keyId }) => input.trusted.some((key) => key.keyId === keyId)),
  });
}

const newCredentialId = () =>
  `crd_${Array.from(randomBytes(12), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
