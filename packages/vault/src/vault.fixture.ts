// What the tests of a vault share: three people, a vault with one credential, and the hand of a hostile store.
import { fromBase64, toBase64 } from './base64.js';
import { textOf, utf8 } from './bytes.js';
import { createVault } from './create-vault.js';
import { type CredentialBinding, type CredentialUse } from './credential-binding.js';
import { decryptCredential } from './decrypt-credential.js';
import { type DsseEnvelope, signEnvelope } from './dsse.js';
import { type KdfParameters } from './key-derivation.js';
import { Secret } from './secret.js';
import { type VerifyingKey } from './signing-key.js';
import { UnlockedVault } from './unlocked-vault.js';
import { createUser, type UserKeys } from './user-keys.js';
import { type VaultFiles } from './vault-files.js';
import { VAULT_MANIFEST_TYPE, type VaultManifest } from './vault-manifest.js';

const kdf: KdfParameters = { algorithm: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 };
export const binding: CredentialBinding = {
  connector: 'linear',
  hosts: ['api.linear.app'],
  operations: ['linear.create_issue', 'linear.list_teams'],
  placement: 'bearer',
  level: 'personal',
};
export const use: CredentialUse = { connector: 'linear', operation: 'linear.create_issue', host: 'api.linear.app' };
export const TAMPERED = { code: 'VAULT_TAMPERED' };

export interface Person {
  readonly keys: UserKeys;
  readonly file: Uint8Array;
}
const person = (userId: string): Promise<Person> =>
  createUser({ userId, name: userId, passphrase: Secret.fromString('a passphrase'), kdf });
/** Made once for a file of tests: deriving a key takes its time. */
export const [ada, bob, eve] = await Promise.all([person('usr_ada'), person('usr_bob'), person('usr_eve')]);

export const newId = (prefix: string) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
export const canary = () => `lin_api_${crypto.randomUUID()}`;

/** Ada's vault with one credential, and what a test needs to attack it. */
export async function vaultWith(secret = canary(), type: 'personal' | 'shared' = 'shared') {
  const vaultId = newId('vlt');
  const empty = await createVault({ vaultId, name: 'v', type, owner: ada.keys, now: new Date() });
  const first = await openAs(ada, empty, vaultId);
  const files = await first.putCredential({ name: 'linear', secret: Secret.fromString(secret), binding });
  const vault = await first.reopen(files);
  const credentialId = vault.listCredentials()[0]?.id ?? '';
  return { vaultId, empty, files, vault, credentialId, secret, vaultKey: vault.exportVaultKey() };
}
export type Made = Awaited<ReturnType<typeof vaultWith>>;

export const openAs = ({ keys }: Person, files: VaultFiles, vaultId: string, trusted: readonly VerifyingKey[] = []) =>
  UnlockedVault.open({ files, vaultId, userId: keys.userId, keys, trusted });

export const decrypt = (made: Made, files: VaultFiles = made.files, change: object = {}) =>
  decryptCredential({
    files,
    vaultKey: made.vaultKey,
    manifestKeys: [ada.keys.verifying],
    vaultId: made.vaultId,
    credentialId: made.credentialId,
    use,
    ...change,
  });

export const changed = (files: VaultFiles, path: string, content: Uint8Array | null): VaultFiles => {
  const next = new Map(files);
  if (content === null) next.delete(path);
  else next.set(path, content);
  return next;
};
export const manifestOf = (files: VaultFiles): VaultManifest => {
  const envelope = JSON.parse(textOf(files.get('manifest.json') ?? new Uint8Array())) as DsseEnvelope;
  return JSON.parse(textOf(fromBase64(envelope.payload) ?? new Uint8Array())) as VaultManifest;
};
/** What somebody leaves who can write the store but sign nothing. */
export function rewritten(files: VaultFiles, change: (manifest: VaultManifest) => VaultManifest): VaultFiles {
  const envelope = JSON.parse(textOf(files.get('manifest.json') ?? new Uint8Array())) as DsseEnvelope;
  const payload = toBase64(utf8(JSON.stringify(change(manifestOf(files)))));
  return changed(files, 'manifest.json', utf8(JSON.stringify({ ...envelope, payload })));
}
export async function signedBy(
  { keys }: Person,
  files: VaultFiles,
  change: (manifest: VaultManifest) => VaultManifest,
) {
  const payload = utf8(JSON.stringify(change(manifestOf(files))));
  const envelope = await signEnvelope({ payloadType: VAULT_MANIFEST_TYPE, payload, key: keys.signing });
  return changed(files, 'manifest.json', utf8(JSON.stringify(envelope)));
}
export const encPath = (made: Made) => `credentials/${made.credentialId}.enc`;
